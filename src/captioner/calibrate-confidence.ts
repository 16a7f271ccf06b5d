import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBundle } from '../bundle/load-bundle.js';
import { MODEL_CARD } from '../bundle/manifest.js';
import { rewriteBundle } from '../bundle/rewrite-bundle.js';
import type { Dataset, Example, Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { evaluateCaptions } from '../metrics/index.js';
import { Random } from '../random.js';
import { type CaptionedRow, isCaptioned } from './caption-row.js';
import type { Captioner } from './captioner.js';
import { CONFIDENCE, type ConfidenceReport, confidenceText } from './confidence.js';
import { withConfidenceSection } from './confidence-card.js';
import type { CaptionEvidence } from './confidence-features.js';
import { type Familiarity, learnFamiliarity } from './familiarity.js';
import { fitConfidence, type JudgedCaption } from './fit-confidence.js';
import { loadCaptioner } from './load-captioner.js';
import type { CaptionOptions } from './options.js';

export interface CalibrateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** More training pictures change no figure in its third digit. */
const TRAINING_PICTURES = 2000;
/** Fewer judged captions say next to nothing of a probability. */
const LEAST_JUDGED = 20;

/**
 * Fits how sure to be of a model's captions, and writes the bundle anew with that in it. The train splits show what the model
 * learnt from; the captions of the dev splits, made with the model's own search, are judged by what people wrote.
 * @throws `NO_IMAGES` where a split is missing or too small; `OUTPUT_UNWRITABLE`; the signal's reason when it is aborted.
 */
export async function calibrateConfidence(
  modelDirectory: string,
  datasets: readonly Dataset[],
  { signal, onMessage = () => {} }: CalibrateOptions = {},
): Promise<ConfidenceReport> {
  const captioner = await loadCaptioner(modelDirectory);
  let familiarity: Familiarity;
  let judged: JudgedCaption[];
  try {
    onMessage('looking at pictures that the model learnt from');
    familiarity = await learnTrainingPictures(captioner, datasets, { signal });
    judged = await judgeDevSplits(captioner, datasets, { signal }, onMessage);
  } finally {
    await captioner.close();
  }
  const model = fitConfidence(judged, familiarity);
  const bundle = await loadBundle(modelDirectory);
  const card = await readFile(join(modelDirectory, MODEL_CARD), 'utf8');
  const files = {
    [CONFIDENCE]: confidenceText(model),
    [MODEL_CARD]: withConfidenceSection(card, model.report),
  };
  await rewriteBundle(bundle, files, { confidence: model.report });
  return model.report;
}

async function learnTrainingPictures(
  captioner: Captioner,
  datasets: readonly Dataset[],
  options: CaptionOptions,
): Promise<Familiarity> {
  const all = datasets.flatMap((dataset) => ofSplit(dataset, 'train'));
  const chosen = new Random(1).shuffle([...all]).slice(0, TRAINING_PICTURES);
  const vectors: Float32Array[] = [];
  // Only the pictures count: the quickest search will do.
  for await (const { evidence } of captioned(captioner, chosen, { ...options, method: 'greedy' })) {
    vectors.push(evidence.image);
  }
  if (vectors.length === 0) throw tooFew('a readable picture in a train split', 'none');
  return learnFamiliarity(vectors);
}

async function judgeDevSplits(
  captioner: Captioner,
  datasets: readonly Dataset[],
  options: CaptionOptions,
  onMessage: (message: string) => void,
): Promise<JudgedCaption[]> {
  const judged: JudgedCaption[] = [];
  for (const [index, dataset] of datasets.entries()) {
    const dev = ofSplit(dataset, 'dev');
    if (dev.length === 0) continue;
    onMessage(`judging ${dev.length} captions of ${dataset.name}`);
    const found: { row: CaptionedRow; example: Example; evidence: CaptionEvidence }[] = [];
    for await (const one of captioned(captioner, dev, options)) found.push(one);
    if (found.length === 0) continue;
    const items = found.map(({ row, example }) => {
      return { id: example.id, candidate: row.caption, references: example.captions };
    });
    const { perImage } = evaluateCaptions(items);
    const named = datasets.findIndex(({ name }) => name === dataset.name) < index;
    const set = named ? `${dataset.name} (${index + 1})` : dataset.name;
    for (const [place, { evidence }] of found.entries()) {
      judged.push({ set, evidence, ciderD: perImage[place]?.ciderD ?? 0 });
    }
  }
  if (judged.length >= LEAST_JUDGED) return judged;
  throw tooFew(`at least ${LEAST_JUDGED} readable pictures in dev splits`, String(judged.length));
}

/** The examples that could be captioned. */
async function* captioned(captioner: Captioner, examples: readonly Example[], options: CaptionOptions) {
  const paths = async function* () {
    for (const { image } of examples) yield image;
  };
  let index = 0;
  for await (const row of captioner.captionAll(paths(), { ...options, evidence: true })) {
    const example = examples[index++] as Example;
    const evidence = isCaptioned(row) ? row.captions[0]?.evidence : undefined;
    if (isCaptioned(row) && evidence !== undefined) yield { row, example, evidence };
  }
}

function ofSplit({ examples }: Dataset, wanted: Split): Example[] {
  return examples.filter(({ split }) => split === wanted);
}

function tooFew(expected: string, received: string): LegendaError {
  return new LegendaError('NO_IMAGES', {
    expected,
    received,
    advice: 'name the data sets that the model was trained with',
  });
}
