import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EncoderNetwork } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { type TagMap, tagMapJson, tagMapSchema } from '../tags/tag-map.js';
import type { Vocabulary } from '../text/index.js';
import { vocabularyFrom, vocabularyJson, vocabularySchema } from '../text/vocabulary-json.js';
import type { Weights } from '../weights.js';
import { readWeightsFile, writeWeightsFile } from '../weights-file.js';
import { writeFolderAtomically } from '../write-atomically.js';
import type { ModelWeights } from './caption-model.js';
import { type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
import { type DataDigest, dataDigestSchema } from './data-digest.js';
import { progressSchema, type TrainingProgress } from './progress.js';

/** Checked only so far that a damaged file is found: what `writeCheckpoint` wrote is a network. */
const networkSchema = z
  .looseObject({
    name: z.string(),
    feature: z.string(),
    input: z.looseObject({}),
    layers: z.array(z.looseObject({})),
  })
  .transform((network) => network as unknown as Omit<EncoderNetwork, 'weights'>);
const wordsSchema = vocabularySchema
  .extend({ tags: tagMapSchema.optional() })
  .transform(({ tags, ...words }): { vocabulary: Vocabulary; tags?: TagMap } => {
    return { vocabulary: vocabularyFrom(words), ...(tags === undefined ? {} : { tags }) };
  });

/** Everything that going on needs: it lies beside the weights, so that a checkpoint explains itself. */
export interface Checkpoint {
  readonly configuration: TrainingConfiguration;
  readonly model: ModelWeights;
  readonly progress: TrainingProgress;
  /** Slots of the optimiser. */
  readonly optimiser: Weights;
  /** What it learns from; checkpoints of version 0.1.0 do not say it. */
  readonly data?: DataDigest | undefined;
}

/** Writes a checkpoint; the folder is there complete or not at all. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { configuration, model, progress, optimiser, data } = checkpoint;
  const { weights, ...network } = model.encoder;
  await writeFolderAtomically(folder, async (sibling) => {
    const json = (name: string, value: unknown) =>
      writeFile(join(sibling, name), `${JSON.stringify(value, null, 1)}\n`);
    await json('configuration.json', configuration);
    await json('progress.json', progress);
    if (data !== undefined) await json('data.json', data);
    const tags = model.tags === undefined ? {} : { tags: tagMapJson(model.tags) };
    await json('vocabulary.json', { ...vocabularyJson(model.vocabulary), ...tags });
    await json('encoder.json', network);
    await writeWeightsFile(join(sibling, 'encoder.safetensors'), weights);
    await writeWeightsFile(join(sibling, 'decoder.safetensors'), model.decoder);
    await writeWeightsFile(join(sibling, 'optimiser.safetensors'), optimiser);
  });
}

/** @throws `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_BROKEN` naming the file that is missing or damaged. */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  await access(join(folder, 'configuration.json')).catch((cause) => {
    throw new LegendaError('CHECKPOINT_NOT_FOUND', {
      expected: 'a folder with configuration.json',
      received: folder,
      advice: 'name a folder under checkpoints/, or the folder best/, of a training run',
      cause,
    });
  });
  const weights = (name: string) => readWeightsFile(join(folder, name));
  const configuration = await readJson(folder, 'configuration.json', trainingConfigurationSchema);
  const network = await readJson(folder, 'encoder.json', networkSchema);
  const encoder = { ...network, weights: await weights('encoder.safetensors') };
  const words = await readJson(folder, 'vocabulary.json', wordsSchema);
  const decoder = await weights('decoder.safetensors');
  const saysItsData = (await readdir(folder)).includes('data.json');
  return {
    configuration,
    model: { configuration: configuration.decoder, ...words, encoder, decoder },
    progress: await readJson(folder, 'progress.json', progressSchema),
    optimiser: await weights('optimiser.safetensors'),
    data: saysItsData ? await readJson(folder, 'data.json', dataDigestSchema) : undefined,
  };
}

async function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const path = join(folder, name);
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const problem =
      issue === undefined ? (cause as Error).message : `${issue.path.join('.')}: ${issue.message}`;
    const received = `${path}: ${problem}`;
    throw new LegendaError('CHECKPOINT_BROKEN', { expected: 'a complete checkpoint', received, cause });
  }
}

/** The checkpoint that got furthest, if there is one. */
export async function latestCheckpoint(checkpoints: string): Promise<string | undefined> {
  const latest = (await namesOf(checkpoints)).at(-1);
  return latest === undefined ? undefined : join(checkpoints, latest);
}

/** Removes all checkpoints but the latest; what else lies there stays. */
export async function removeOldCheckpoints(checkpoints: string): Promise<void> {
  for (const name of (await namesOf(checkpoints)).slice(0, -1)) {
    await rm(join(checkpoints, name), { recursive: true, force: true });
  }
}

/** The checkpoints in a folder, the furthest last. */
async function namesOf(checkpoints: string): Promise<string[]> {
  const names = await readdir(checkpoints).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));
}
