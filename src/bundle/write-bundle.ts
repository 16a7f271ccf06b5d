import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderConfiguration, DecoderSizes } from '../decoder/configuration.js';
import { decoderWeightShapes } from '../decoder/weight-shapes.js';
import type { EncoderNetwork } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { type TagMap, tagMapJson } from '../tags/tag-map.js';
import type { Vocabulary } from '../text/index.js';
import { vocabularyJson } from '../text/vocabulary-json.js';
import { sizeOf, type Weights } from '../weights.js';
import { writeFolderAtomically } from '../write-atomically.js';
import type { Calibration } from './arithmetic.js';
import { writeDecoderGraph } from './decoder-graph.js';
import { writeEncoderGraph } from './encoder-graph.js';
import { DECODER, ENCODER } from './graph-files.js';
import { featureGrid } from './layer-shapes.js';
import {
  type Fit,
  MANIFEST,
  type Manifest,
  MODEL_CARD,
  manifestSchema,
  SCHEMA_VERSION,
  type SearchDefaults,
  VOCABULARY,
} from './manifest.js';
import { tagTokens } from './tag-cells.js';
import type { Precision } from './weight-storage.js';

export interface BundleContents {
  readonly name: string;
  readonly licence: string;
  /** BCP 47 tag of the captions' language, such as `en`. */
  readonly language: string;
  readonly configuration: DecoderConfiguration;
  readonly encoder: EncoderNetwork;
  /** How a picture became the encoder's input in training, and shall in use. */
  readonly fit: Fit;
  /** Named and shaped as `decoderWeightShapes` says. */
  readonly decoder: Weights;
  readonly vocabulary: Vocabulary;
  /** With `tags` configured: the words of the encoder's classes. */
  readonly tags?: TagMap | undefined;
  readonly metrics: Readonly<Record<string, unknown>>;
  /** The model card, in Markdown. */
  readonly card: string;
  readonly precision: Precision;
  /** With precision int8. */
  readonly calibration?: Calibration | undefined;
  readonly search: SearchDefaults;
}

/**
 * Writes a bundle, complete by itself. What stood in the directory before is replaced, and only once all is written.
 * @throws `ENCODER_INVALID`, `CONFIGURATION_INVALID` if the weights do not fit the configuration, or without a calibration
 * for int8.
 */
export async function writeBundle(directory: string, contents: BundleContents): Promise<void> {
  const { configuration, encoder, decoder, vocabulary, precision, calibration } = contents;
  const arithmetic = { precision, calibration: precision === 'int8' ? calibration : undefined };
  if (precision === 'int8' && calibration === undefined) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a calibration with precision int8',
      received: 'none',
      advice: 'make one with calibrate()',
    });
  }
  const grid = featureGrid(encoder);
  const sizes = { gridCells: grid.cells, channels: grid.channels, vocabulary: vocabulary.size };
  requireWeights(configuration, sizes, decoder);

  const tags = contents.tags === undefined ? {} : { tags: tagMapJson(contents.tags) };
  const files: Record<string, string | Uint8Array> = {
    [VOCABULARY]: `${JSON.stringify({ ...vocabularyJson(vocabulary), ...tags }, null, 1)}\n`,
    [ENCODER]: writeEncoderGraph(
      encoder,
      configuration,
      decoder,
      arithmetic,
      contents.tags && tagTokens(contents.tags, vocabulary),
    ),
    [DECODER]: writeDecoderGraph(configuration, sizes, decoder, arithmetic),
    [MODEL_CARD]: contents.card,
  };
  const manifest = describe(contents, grid, files);
  await writeFolderAtomically(directory, async (folder) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  });
}

function describe(
  contents: BundleContents,
  grid: Manifest['featureGrid'],
  files: Readonly<Record<string, string | Uint8Array>>,
): Manifest {
  const { encoder, precision, search } = contents;
  const checksums = Object.entries(files).map(([name, content]) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [name, { size: Buffer.byteLength(content), sha256 }] as const;
  });
  const manifest = manifestSchema.safeParse({
    schemaVersion: SCHEMA_VERSION,
    name: contents.name,
    licence: contents.licence,
    language: contents.language,
    createdBy: `legenda ${ownVersion()}`,
    created: new Date().toISOString(),
    configuration: {
      encoder: { name: encoder.name, ...encoder.input, fit: contents.fit },
      decoder: contents.configuration,
    },
    featureGrid: grid,
    precision,
    search,
    metrics: contents.metrics,
    files: Object.fromEntries(checksums),
  } satisfies Manifest);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: `${issue?.path.join('.')} as a ${MANIFEST} has it`,
    received: issue?.message ?? 'something else',
    cause: manifest.error,
  });
}

/** @throws `CONFIGURATION_INVALID` naming the first weight that is missing or of another shape. */
function requireWeights(configuration: DecoderConfiguration, sizes: DecoderSizes, weights: Weights): void {
  for (const [name, shape] of decoderWeightShapes(configuration, sizes)) {
    const weight = weights.get(name);
    if (weight?.shape.join() === shape.join() && weight.values.length === sizeOf(shape)) continue;
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: `the decoder's weight ${name} with shape [${shape.join(', ')}]`,
      received: weight ? `[${weight.shape.join(', ')}]` : 'none',
    });
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
