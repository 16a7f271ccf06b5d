import {
  type Calibration,
  calibrate,
  type Precision,
  type SearchDefaults,
  writeBundle,
} from '../bundle/index.js';
import type { DevMetrics } from '../captioner/scores-card.js';
import { LegendaError } from '../errors.js';
import { decodeImage } from '../images/index.js';
import { readCheckpoint } from './checkpoint.js';
import { modelCard } from './model-card.js';

/** With twice as many, the ranges stay the same. */
const PICTURES = 256;

export interface ExportOptions {
  readonly precision: Precision;
  /** With precision int8: made by {@link calibrateCheckpoint}. */
  readonly calibration?: Calibration | undefined;
  /** Of each dev split, for the manifest and the card. */
  readonly metrics?: DevMetrics;
}

/** Writes a checkpoint as a bundle. @throws the errors of `readCheckpoint` and `writeBundle`. */
export async function exportCheckpoint(
  folder: string,
  directory: string,
  { precision, calibration, metrics = {} }: ExportOptions,
): Promise<void> {
  const checkpoint = await readCheckpoint(folder);
  const { configuration, model } = checkpoint;
  const { maximumLength } = configuration.vocabulary;
  const search: SearchDefaults = { method: 'beam', ...configuration.search, maximumLength };
  await writeBundle(directory, {
    name: configuration.name,
    licence: configuration.licence,
    language: configuration.language,
    configuration: model.configuration,
    encoder: model.encoder,
    fit: configuration.encoder.fit,
    decoder: model.decoder,
    vocabulary: model.vocabulary,
    tags: model.tags,
    metrics: { dev: metrics },
    card: modelCard(checkpoint, { precision, metrics, search }),
    precision,
    calibration,
    search,
  });
}

/**
 * What int8 needs to know of a checkpoint's activations, found on some of the given pictures.
 * @param pictures paths; best those that it learnt from. Those that cannot be read are left out.
 * @throws `NO_IMAGES` if none can; the errors of `readCheckpoint`.
 */
export async function calibrateCheckpoint(folder: string, pictures: readonly string[]): Promise<Calibration> {
  const { configuration, model } = await readCheckpoint(folder);
  const { height, width } = model.encoder.input;
  const size = { height, width, fit: configuration.encoder.fit };
  let found = 0;
  async function* decoded(): AsyncGenerator<Uint8Array> {
    for (const path of evenly(pictures, PICTURES)) {
      const image = await decodeImage(path, size).catch(() => undefined);
      if (image === undefined) continue;
      found++;
      yield image.pixels;
    }
  }
  const calibration = await calibrate(model, decoded());
  if (found > 0) return calibration;
  throw new LegendaError('NO_IMAGES', {
    expected: 'pictures to find the ranges of int8 on',
    received: `${pictures.length}, none of which can be read`,
  });
}

/** At most so many of the items, from all parts of the list. */
function evenly<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(items.length / count, 1);
  return Array.from(
    { length: Math.min(items.length, count) },
    (_, index) => items[Math.floor(index * step)] as T,
  );
}
