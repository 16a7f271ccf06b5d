import type { DecoderConfiguration } from '../../src/decoder/configuration.js';
import { type Checkpoint, writeCheckpoint } from '../../src/training/checkpoint.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { tinyContents } from './tiny-bundle.js';

/** Writes the tiny model as a checkpoint and returns it. */
export async function writeTinyCheckpoint(
  folder: string,
  options: Partial<DecoderConfiguration> = {},
): Promise<Checkpoint> {
  const contents = tinyContents({ configuration: options });
  const configuration = trainingConfigurationSchema.parse({ name: 'tiny', decoder: contents.configuration });
  const { vocabulary, encoder, decoder } = contents;
  const checkpoint: Checkpoint = {
    configuration,
    model: { configuration: configuration.decoder, vocabulary, encoder, decoder },
    progress: {
      stage: 'decoder',
      step: 0,
      totalSteps: 0,
      optimiserSteps: 0,
      lossSum: 0,
      lossCount: 0,
      history: [],
      best: null,
    },
    optimiser: new Map(),
  };
  await writeCheckpoint(folder, checkpoint);
  return checkpoint;
}
