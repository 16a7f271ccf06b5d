import { z } from 'zod';
import { decoderConfigurationSchema } from '../decoder/configuration.js';
import { DECODER, ENCODER } from './graph-files.js';

/** Raised when a bundle changes so that older versions of Legenda cannot read it. */
export const SCHEMA_VERSION = 1;

export const MANIFEST = 'manifest.json';
export const VOCABULARY = 'vocabulary.json';
export const MODEL_CARD = 'MODEL_CARD.md';

const count = z.int().min(1);

const fileSchema = z.object({
  size: z.int().min(0).describe('Bytes'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const searchDefaultsSchema = z.object({
  method: z.enum(['beam', 'greedy']),
  beamWidth: count,
  lengthPenalty: z.number().min(0),
  maximumLength: count,
  // Not in bundles of before these options.
  minimumLength: z.int().min(0).optional(),
  noRepeatNgram: z.int().min(0).optional(),
  consensus: z.int().min(0).optional(),
  expectedWords: z.number().min(0).optional(),
});

/** manifest.json: what the bundle is, how to use it, and the checksums of everything else in it. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  name: z.string().min(1),
  licence: z.string().describe('SPDX identifier, or words'),
  language: z.string().describe('BCP 47 tag of the captions'),
  createdBy: z.string().describe('The program that wrote it, with its version'),
  created: z.iso.datetime(),
  configuration: z.object({
    encoder: z.object({
      name: z.string(),
      height: count,
      width: count,
      mean: z.number(),
      deviation: z.number(),
      fit: z.enum(['squash', 'centreCrop']).describe('How a picture becomes height x width'),
    }),
    decoder: decoderConfigurationSchema,
  }),
  featureGrid: z.object({
    cells: count,
    channels: count,
    height: count.exactOptional().describe('Not in bundles of version 0.1.0, whose grids are square'),
    width: count.exactOptional(),
  }),
  precision: z.enum(['fp32', 'fp16', 'int8']),
  search: searchDefaultsSchema,
  metrics: z.record(z.string(), z.unknown()),
  files: z
    .record(z.string().regex(/^[\w.-]+$/), fileSchema)
    .refine((files) => [VOCABULARY, ENCODER, DECODER, MODEL_CARD].every((name) => name in files), {
      error: 'a file of the bundle is not listed',
    }),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type SearchDefaults = z.infer<typeof searchDefaultsSchema>;
/** How a picture of any shape becomes the encoder's input. */
export type Fit = Manifest['configuration']['encoder']['fit'];
