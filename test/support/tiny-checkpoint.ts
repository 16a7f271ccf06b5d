import type { DecoderConfiguration } from '../../src/decoder/configuration.js';
import { type Checkpoint, writeCheckpoint } from '../../src/training/checkpoint.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { NO_PROGRESS } from '../../src/training/start.js';
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
    progress: { ...NO_PROGRESS, stage: 'decoder' },
    optimiser: new Map(),
  };
  await writeCheckpoint(folder, checkpoint);
  return checkpoint;
}
