import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Bundle, broken } from '../bundle/load-bundle.js';
import { type CaptionEvidence, FEATURES, featuresOf } from './confidence-features.js';
import type { Familiarity } from './familiarity.js';
import { predict } from './logistic-regression.js';

/** The file of a bundle that says how sure to be of its captions. */
export const CONFIDENCE = 'confidence.json';

/** The captions whose confidence is asked for: those of at least this CIDEr-D. */
export const GOOD_CIDER_D = 0.5;

const share = z.number().min(0).max(1);
const setReportSchema = z.object({
  images: z.int().min(1),
  good: share.describe('Share of its captions that are good'),
  calibrationError: share.describe(
    'Expected calibration error in 10 bins, each caption judged by a fit without it',
  ),
  heldOutCalibrationError: share.optional().describe('The same, each set judged by a fit without that set'),
  separation: share.nullable().describe('How often a good caption has a higher confidence than another'),
  ciderD: z.number().min(0).describe('Mean of its captions'),
  leavingOut: z
    .array(
      z.object({
        minimum: share,
        leftOut: share.describe('Share of captions with a lower confidence'),
        ciderD: z.number().min(0).nullable().describe('Mean of the others'),
      }),
    )
    .describe('What a minimum confidence does'),
});

export const confidenceReportSchema = setReportSchema.extend({
  sets: z.record(z.string(), setReportSchema),
});

const floats = z
  .base64()
  .transform((text, context): Float32Array => {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length % 4 === 0) return new Float32Array(new Uint8Array(bytes).buffer);
    context.addIssue({ code: 'custom', message: 'not float32 values' });
    return z.NEVER;
  })
  .describe('float32, little-endian');

const confidenceSchema = z.object({
  good: z.string().describe('What a caption is that the confidence is the probability of'),
  intercept: z.number(),
  features: z.array(
    z.object({
      name: z.enum(FEATURES),
      centre: z.number(),
      deviation: z.number().positive(),
      weight: z.number(),
    }),
  ),
  familiarity: z
    .object({
      mean: floats,
      axes: floats,
      variances: z.array(z.number().positive()),
      remainder: z.number().min(0),
    })
    .refine(({ mean, axes, variances }) => axes.length === variances.length * mean.length, {
      error: 'the axes are not of the right length',
    }),
  report: confidenceReportSchema,
});

export type ConfidenceReport = z.infer<typeof confidenceReportSchema>;

/** The probability that a caption is good, by what is known of it when it is written. */
export interface FittedConfidence extends Omit<z.infer<typeof confidenceSchema>, 'familiarity' | 'report'> {
  readonly familiarity: Familiarity;
}

/** It, with how right it is. */
export interface ConfidenceModel extends FittedConfidence {
  readonly report: ConfidenceReport;
}

/** @returns 0…1, strictly between. */
export function confidenceOf(evidence: CaptionEvidence, model: FittedConfidence): number {
  const found = featuresOf(evidence, model.familiarity);
  const values = model.features.map(({ name, centre, deviation }) => {
    const value = found.get(name);
    // As if it were an average one: such a model was made with a classifier, or words to expect, that this bundle does not have.
    return value === undefined ? 0 : (value - centre) / deviation;
  });
  return predict({ intercept: model.intercept, weights: model.features.map(({ weight }) => weight) }, values);
}

/** The bundle's confidence model; undefined if it has none. @throws `BUNDLE_BROKEN` naming the file. */
export async function readConfidence({ directory, manifest }: Bundle): Promise<ConfidenceModel | undefined> {
  if (!(CONFIDENCE in manifest.files)) return undefined;
  const model = parseConfidence(await readFile(join(directory, CONFIDENCE), 'utf8'));
  const width = manifest.configuration.decoder.hidden;
  if (model?.familiarity.mean.length === width) return model;
  throw broken(directory, CONFIDENCE, {
    expected: `what legenda calibrate writes for a model of ${width} units`,
    received: 'something else',
  });
}

/** The text of the file that {@link readConfidence} reads. */
export function confidenceContent({ familiarity, ...rest }: ConfidenceModel): string {
  const { mean, axes, ...measures } = familiarity;
  const packed = { mean: base64(mean), axes: base64(axes), ...measures };
  return `${JSON.stringify({ ...rest, familiarity: packed }, null, 1)}\n`;
}

function parseConfidence(text: string): ConfidenceModel | undefined {
  try {
    return confidenceSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}
