import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, loadBundle } from '../bundle/load-bundle.js';
import { MODEL_CARD } from '../bundle/manifest.js';
import { rewriteBundle } from '../bundle/rewrite-bundle.js';
import type { Dataset } from '../datasets/index.js';
import { evaluateCaptions, summarise } from '../metrics/index.js';
import { Random } from '../random.js';
import { captionExamples, ofSplit, tooFew } from './caption-examples.js';
import { withSection } from './card-section.js';
import { CONFIDENCE, type ConfidenceReport, confidenceContent } from './confidence.js';
import { CONFIDENCE_HEADING, confidenceText } from './confidence-card.js';
import type { DevCaption, DevCaptions } from './dev-captions.js';
import { EXPECTED_WORDS, type ExpectedWordsModel } from './expected-words.js';
import { expectedWordsContent } from './expected-words-file.js';
import { type Familiarity, learnFamiliarity } from './familiarity.js';
import { fitConfidence, type JudgedCaption } from './fit-confidence.js';
import { ExpectedWordsLearner } from './learn-expected-words.js';
import { openCaptioner } from './load-captioner.js';
import type { CaptionOptions } from './options.js';
import { type DevMetrics, SCORES_HEADING, scoresText } from './scores-card.js';
import { searchDevSplits } from './search-dev-splits.js';
import { wordEvidence } from './word-evidence.js';

export interface CalibrateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** More training pictures change no figure of a confidence in its third digit. */
const FAMILIAR_PICTURES = 2000;
/** What the dev splits that judge a calibrated model have chosen. */
const CHOSEN = 'chose between epochs, and which captions are taken';
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
  onMessage('looking at the pictures that the model learnt from');
  const learnt = await learnTrainSplits(bundle, datasets, { signal });
  const { expectedWords } = learnt;
  const { search, sets } = await searchDevSplits(bundle, datasets, { expectedWords, signal, onMessage });
  const { judged, dev } = judge(sets, bundle.manifest.language);
  const confidence = fitConfidence(judged, learnt.familiarity);
  const card = await readFile(join(modelDirectory, MODEL_CARD), 'utf8');
  const scored = withSection(card, SCORES_HEADING, scoresText(dev, search, CHOSEN));
  await rewriteBundle(bundle, {
    files: {
      [CONFIDENCE]: confidenceContent(confidence),
      [EXPECTED_WORDS]: expectedWords && expectedWordsContent(expectedWords),
      [MODEL_CARD]: withSection(scored, CONFIDENCE_HEADING, confidenceText(confidence.report)),
    },
    metrics: { dev, confidence: confidence.report },
    search,
  });
  return confidence.report;
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
    for await (const { captions, example } of captionExamples(captioner, examples, quick)) {
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

/** The captions, one of each picture, with their CIDEr-D, and the scores of all by their sets. */
function judge(sets: readonly DevCaptions[], language: string): { judged: JudgedCaption[]; dev: DevMetrics } {
  const judged: JudgedCaption[] = [];
  const dev: Record<string, DevMetrics[string]> = {};
  for (const { set, pictures } of sets) {
    const items = pictures.map(({ example: { id, captions: references }, captions: [caption] }) => {
      return { id, candidate: caption?.text ?? '', references };
    });
    const metrics = evaluateCaptions(items, language);
    dev[set] = summarise(metrics);
    for (const [index, { captions }] of pictures.entries()) {
      const evidence = captions[0] as DevCaption;
      judged.push({ set, evidence, ciderD: metrics.perImage[index]?.ciderD ?? 0 });
    }
  }
  return { judged, dev };
}
