import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EncoderNetwork } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { Vocabulary } from '../text/index.js';
import type { Weights } from '../weights.js';
import { readWeightsFile, writeWeightsFile } from '../weights-file.js';
import { writeFolderAtomically } from '../write-atomically.js';
import type { ModelWeights } from './caption-model.js';
import { STAGES, type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';

const scoresSchema = z.record(z.string(), z.number());

const epochRecordSchema = z.object({
  stage: z.enum(STAGES),
  /** Counted from 1 within the stage; a part of one at the end counts too. */
  epoch: z.number(),
  loss: z.number(),
  /** CIDEr-D on the dev split of each data set, greedy. */
  devCiderD: scoresSchema,
});
export type EpochRecord = z.infer<typeof epochRecordSchema>;

const progressSchema = z.object({
  stage: z.enum(STAGES),
  /** Steps done in the stage. */
  step: z.int().min(0),
  /** Steps done in all stages. */
  totalSteps: z.int().min(0),
  optimiserSteps: z.int().min(0),
  /** Sum of the losses of this epoch so far, and their number. */
  lossSum: z.number(),
  lossCount: z.int().min(0),
  history: z.array(epochRecordSchema),
  best: z.object({ score: z.number(), stage: z.enum(STAGES), epoch: z.number() }).nullable(),
});
/** How far a run has come. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/** Everything that going on needs: it lies beside the weights, so that a checkpoint explains itself. */
export interface Checkpoint {
  readonly configuration: TrainingConfiguration;
  readonly model: ModelWeights;
  readonly progress: TrainingProgress;
  /** Slots of the optimiser. */
  readonly optimiser: Weights;
}

/** Writes a checkpoint; the folder is there complete or not at all. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { configuration, model, progress, optimiser } = checkpoint;
  const { weights, ...network } = model.encoder;
  await mkdir(join(folder, '..'), { recursive: true });
  await writeFolderAtomically(folder, async (sibling) => {
    const json = (name: string, value: unknown) =>
      writeFile(join(sibling, name), `${JSON.stringify(value, null, 1)}\n`);
    await json('configuration.json', configuration);
    await json('progress.json', progress);
    await json('vocabulary.json', { words: model.vocabulary.words });
    await json('encoder.json', network);
    await writeWeightsFile(join(sibling, 'encoder.safetensors'), weights);
    await writeWeightsFile(join(sibling, 'decoder.safetensors'), model.decoder);
    await writeWeightsFile(join(sibling, 'optimiser.safetensors'), optimiser);
  });
}

/** @throws `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_BROKEN`. */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const json = async (name: string): Promise<unknown> => {
    const text = await readFile(join(folder, name), 'utf8').catch((cause) => {
      throw new LegendaError('CHECKPOINT_NOT_FOUND', {
        expected: `a checkpoint with ${name}`,
        received: folder,
        advice: 'name a folder under checkpoints/, or the folder best/, of a training run',
        cause,
      });
    });
    return JSON.parse(text);
  };
  try {
    const configuration = trainingConfigurationSchema.parse(await json('configuration.json'));
    const { words } = z.object({ words: z.array(z.string()) }).parse(await json('vocabulary.json'));
    const network = (await json('encoder.json')) as Omit<EncoderNetwork, 'weights'>;
    const encoder = { ...network, weights: await readWeightsFile(join(folder, 'encoder.safetensors')) };
    const decoder = await readWeightsFile(join(folder, 'decoder.safetensors'));
    return {
      configuration,
      model: { configuration: configuration.decoder, vocabulary: new Vocabulary(words), encoder, decoder },
      progress: progressSchema.parse(await json('progress.json')),
      optimiser: await readWeightsFile(join(folder, 'optimiser.safetensors')),
    };
  } catch (cause) {
    if (cause instanceof LegendaError) throw cause;
    const received = `${folder}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new LegendaError('CHECKPOINT_BROKEN', { expected: 'a complete checkpoint', received, cause });
  }
}

/** The checkpoint that got furthest, if there is one. */
export async function latestCheckpoint(checkpoints: string): Promise<string | undefined> {
  const names = await readdir(checkpoints).catch(() => []);
  const latest = names
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  return latest === undefined ? undefined : join(checkpoints, latest);
}

/** Removes all checkpoints but the latest. */
export async function removeOldCheckpoints(checkpoints: string): Promise<void> {
  const latest = await latestCheckpoint(checkpoints);
  for (const name of await readdir(checkpoints)) {
    if (join(checkpoints, name) !== latest)
      await rm(join(checkpoints, name), { recursive: true, force: true });
  }
}
