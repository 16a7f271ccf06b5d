import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, loadBundle } from '../bundle/load-bundle.js';
import { MODEL_CARD, type SearchDefaults } from '../bundle/manifest.js';
import { rewriteBundle } from '../bundle/rewrite-bundle.js';
import type { Dataset, Example, Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { evaluateCaptions, summarise } from '../metrics/index.js';
import { Random } from '../random.js';
import { isCaptioned } from './caption-row.js';
import type { Captioner } from './captioner.js';
import { withSection } from './card-section.js';
import { CONFIDENCE, type ConfidenceReport, confidenceContent } from './confidence.js';
import { CONFIDENCE_HEADING, confidenceText } from './confidence-card.js';
import {
  bestChoice,
  type Choice,
  chosenOf,
  type DevCaption,
  type DevCaptions,
  type DevPicture,
  type DevSearch,
} from './dev-captions.js';
import { EXPECTED_WORDS, type ExpectedWordsModel } from './expected-words.js';
import { expectedWordsContent } from './expected-words-file.js';
import { type Familiarity, learnFamiliarity } from './familiarity.js';
import { fitConfidence, type JudgedCaption } from './fit-confidence.js';
import { ExpectedWordsLearner } from './learn-expected-words.js';
import { openCaptioner } from './load-captioner.js';
import type { CaptionOptions } from './options.js';
import { type DevMetrics, SCORES_HEADING, scoresText } from './scores-card.js';
import { wordEvidence } from './word-evidence.js';

export interface CalibrateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** More training pictures change no figure of a confidence in its third digit. */
const FAMILIAR_PICTURES = 2000;
/** How much the words to expect may count: what is best lies well within. */
const WEIGHTS = [0, 2, 4, 8, 16];
/** What the dev splits that judge a calibrated model have chosen. */
const CHOSEN = 'chose between epochs, and which captions are taken';
/** Fewer judged captions say next to nothing of a probability. */
const LEAST_JUDGED = 20;

/**
 * Fits what is fitted to a finished model, and writes the bundle anew with that in it: the words to expect of a picture, how much
 * they count, and how sure to be of its captions. The train splits show what the model learnt from; the captions of the dev splits,
 * made with the model's own search, are judged by what people wrote.
 * @throws `NO_IMAGES` where a split is missing or too small; `OUTPUT_UNWRITABLE`; the signal's reason when it is aborted.
 */
export async function calibrateModel(
  modelDirectory: string,
  datasets: readonly Dataset[],
  { signal, onMessage = () => {} }: CalibrateOptions = {},
): Promise<ConfidenceReport> {
  const bundle = await loadBundle(modelDirectory);
  const { language, search: before } = bundle.manifest;
  onMessage('looking at the pictures that the model learnt from');
  const learnt = await learnTrainSplits(bundle, datasets, { signal });
  const searches = await searchDevSplits(bundle, learnt, datasets, { signal, onMessage });
  const { sets, ...choice } = bestChoice(searches, comparable(before), language);
  if (searches.length > 1) onMessage(`the words to expect count ${choice.expectedWords}`);
  if (choice.consensus > 0) onMessage(`of ${choice.consensus} captions the best is chosen`);
  const { judged, dev } = judge(sets, choice, language);
  const confidence = fitConfidence(judged, learnt.familiarity);
  const { expectedWords } = choice;
  const search: SearchDefaults =
    before.method === 'beam' ? { ...before, ...choice } : { ...before, expectedWords };
  const card = await readFile(join(modelDirectory, MODEL_CARD), 'utf8');
  const scored = withSection(card, SCORES_HEADING, scoresText(dev, search, CHOSEN));
  await rewriteBundle(bundle, {
    files: {
      [CONFIDENCE]: confidenceContent(confidence),
      [EXPECTED_WORDS]: learnt.expectedWords && expectedWordsContent(learnt.expectedWords),
      [MODEL_CARD]: withSection(scored, CONFIDENCE_HEADING, confidenceText(confidence.report)),
    },
    metrics: { dev, confidence: confidence.report },
    search,
  });
  return confidence.report;
}

/** How many captions the model's search may compare, ascending: half of the beam, as many as it does, or all; 0 if it does not. */
function comparable({ method, consensus = 0, beamWidth }: SearchDefaults): number[] {
  if (method !== 'beam' || consensus < 2) return [0];
  const counts = new Set([Math.floor(beamWidth / 2), Math.min(consensus, beamWidth), beamWidth]);
  return [...counts].filter((count) => count > 1).sort((a, b) => a - b);
}

interface Learnt {
  readonly familiarity: Familiarity;
  /** Undefined where no word is said often enough. */
  readonly expectedWords: ExpectedWordsModel | undefined;
}

async function learnTrainSplits(
  bundle: Bundle,
  datasets: readonly Dataset[],
  options: CaptionOptions,
): Promise<Learnt> {
  const { vocabulary } = bundle;
  const examples = new Random(1).shuffle(datasets.flatMap((dataset) => ofSplit(dataset, 'train')));
  const tokens = new Map(
    examples.map((example) => {
      const words = example.captions.map((caption) => vocabulary.writing.tokenise(caption));
      return [example, words.map((caption) => vocabulary.encode(caption))];
    }),
  );
  let learner: ExpectedWordsLearner | undefined;
  const vectors: Float32Array[] = [];
  // Only the pictures count: a single word of each will do.
  const quick: CaptionOptions = {
    ...options,
    method: 'greedy',
    minimumLength: 1,
    maximumLength: 1,
    anyEnding: true,
    expectedWords: 0,
  };
  const captioner = await openCaptioner(bundle, {});
  try {
    for await (const { captions, example } of captioned(captioner, examples, quick)) {
      const { image, classLogits } = captions[0] as DevCaption;
      if (vectors.length < FAMILIAR_PICTURES) vectors.push(image);
      const seen = wordEvidence(image, classLogits);
      learner ??= new ExpectedWordsLearner([...tokens.values()], vocabulary.size, seen.length);
      learner.add(seen, tokens.get(example) ?? []);
    }
  } finally {
    await captioner.close();
  }
  if (vectors.length === 0) throw tooFew('a readable picture in a train split', 'none');
  return { familiarity: learnFamiliarity(vectors), expectedWords: learner?.learn() };
}

/** The captions of the dev splits, by the model's own search, for each weight of the words to expect. */
async function searchDevSplits(
  bundle: Bundle,
  { expectedWords: model }: Learnt,
  datasets: readonly Dataset[],
  { signal, onMessage = () => {} }: CalibrateOptions,
): Promise<DevSearch[]> {
  const { search } = bundle.manifest;
  const top = Math.max(1, ...comparable(search));
  const all: CaptionOptions =
    search.method === 'beam' ? { beamWidth: search.beamWidth, consensus: 0, top } : {};
  const captioner = await openCaptioner(bundle, { expectedWords: model });
  try {
    const searches: DevSearch[] = [];
    for (const expectedWords of model === undefined ? [0] : WEIGHTS) {
      const counting = model === undefined ? '' : `, the words to expect counting ${expectedWords}`;
      onMessage(`captioning the dev pictures${counting}`);
      const sets = await captionDevSplits(captioner, datasets, { ...all, expectedWords, signal });
      searches.push({ expectedWords, sets });
    }
    return searches;
  } finally {
    await captioner.close();
  }
}

async function captionDevSplits(
  captioner: Captioner,
  datasets: readonly Dataset[],
  options: CaptionOptions,
): Promise<DevCaptions[]> {
  const sets: DevCaptions[] = [];
  for (const [index, dataset] of datasets.entries()) {
    const dev = ofSplit(dataset, 'dev');
    const pictures: DevPicture[] = [];
    for await (const picture of captioned(captioner, dev, options)) pictures.push(picture);
    if (pictures.length === 0) continue;
    const named = datasets.findIndex(({ name }) => name === dataset.name) < index;
    sets.push({ set: named ? `${dataset.name} (${index + 1})` : dataset.name, pictures });
  }
  const judged = sets.reduce((sum, { pictures }) => sum + pictures.length, 0);
  if (judged >= LEAST_JUDGED) return sets;
  throw tooFew(`at least ${LEAST_JUDGED} readable pictures in dev splits`, String(judged));
}

/** The captions that are chosen, each with its CIDEr-D, and the scores of all by their sets. */
function judge(
  sets: readonly DevCaptions[],
  choice: Choice,
  language: string,
): { judged: JudgedCaption[]; dev: DevMetrics } {
  const judged: JudgedCaption[] = [];
  const dev: Record<string, DevMetrics[string]> = {};
  for (const { set, pictures } of sets) {
    const chosen = pictures.map(({ captions }) => chosenOf(captions, choice));
    const items = pictures.map(({ example: { id, captions } }, index) => {
      return { id, candidate: chosen[index]?.text ?? '', references: captions };
    });
    const metrics = evaluateCaptions(items, language);
    dev[set] = summarise(metrics);
    for (const [index, evidence] of chosen.entries()) {
      judged.push({ set, evidence, ciderD: metrics.perImage[index]?.ciderD ?? 0 });
    }
  }
  return { judged, dev };
}

/** The examples that could be captioned, with all of their captions. */
async function* captioned(
  captioner: Captioner,
  examples: readonly Example[],
  options: CaptionOptions,
): AsyncGenerator<DevPicture, void, undefined> {
  const paths = async function* () {
    for (const { image } of examples) yield image;
  };
  let index = 0;
  for await (const row of captioner.captionAll(paths(), { ...options, evidence: true })) {
    const example = examples[index++] as Example;
    if (!isCaptioned(row)) continue;
    const captions = row.captions.flatMap(({ text, evidence }) => {
      return evidence === undefined ? [] : [{ text, ...evidence }];
    });
    if (captions.length > 0) yield { example, captions };
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
