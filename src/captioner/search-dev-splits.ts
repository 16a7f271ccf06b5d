import type { Bundle } from '../bundle/load-bundle.js';
import type { SearchDefaults } from '../bundle/manifest.js';
import type { Dataset } from '../datasets/index.js';
import { captionExamples, ofSplit, tooFew } from './caption-examples.js';
import type { Captioner } from './captioner.js';
import {
  bestChoice,
  type Choice,
  chosenOf,
  type DevCaptions,
  type DevPicture,
  type DevSearch,
} from './dev-captions.js';
import type { ExpectedWordsModel } from './expected-words.js';
import { openCaptioner } from './load-captioner.js';
import type { CaptionOptions } from './options.js';

/** How much the words to expect may count: what is best lies well within. */
const WEIGHTS = [0, 2, 4, 8, 16];
/** How sure the classifier may have to be of what captions must name, if they must at all. */
const NAMED_FROM = [0.7, 0.5];
/** Fewer judged captions say next to nothing of a probability. */
const LEAST_JUDGED = 20;

export interface DevSearchOptions {
  /** Which words to expect, if some word is said often enough to know. */
  readonly expectedWords: ExpectedWordsModel | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onMessage: (message: string) => void;
}

/** What of a search the dev splits have chosen. */
type Chosen = Pick<SearchDefaults, 'consensus' | 'expectedWords' | 'nameTags'>;

/**
 * The captions of the dev splits by the model's own search, one of each picture, with how much the words to expect count in it, how many
 * captions it compares and what tags it names: each what gives the captions their highest CIDEr-D, the one after the other.
 * @throws `NO_IMAGES` where dev splits are missing or too small; the signal's reason when it is aborted.
 */
export async function searchDevSplits(
  bundle: Bundle,
  datasets: readonly Dataset[],
  options: DevSearchOptions,
): Promise<{ search: SearchDefaults; sets: readonly DevCaptions[] }> {
  const { onMessage } = options;
  const { language, search: before } = bundle.manifest;
  const weighted = await searchByWeights(bundle, datasets, options);
  const found = bestChoice(weighted, comparable(before), language);
  const { expectedWords, consensus } = found;
  if (weighted.length > 1) onMessage(`the words to expect count ${expectedWords}`);
  if (consensus > 0) onMessage(`of ${consensus} captions the best is chosen`);
  const words: Chosen = before.method === 'beam' ? { expectedWords, consensus } : { expectedWords };
  const unnamed = { ...found, sets: found.sets.map((set) => onlyChosen(set, found)) };
  // A greedy search names tags only where it is asked to, which makes it slower.
  if (before.method !== 'beam' || !seesClasses(found.sets)) {
    return { search: { ...before, ...words }, sets: unnamed.sets };
  }
  const named = await searchByNaming(withSearch(bundle, words), datasets, options);
  const { nameTags, sets } = bestChoice([unnamed, ...named], [0], language);
  if (nameTags > 0) onMessage(`tags are named from a probability of ${nameTags} on`);
  return { search: { ...before, ...words, nameTags }, sets };
}

/** Some captions of each picture, for each weight of the words to expect. */
async function searchByWeights(
  bundle: Bundle,
  datasets: readonly Dataset[],
  { expectedWords: model, signal, onMessage }: DevSearchOptions,
): Promise<DevSearch[]> {
  const { search } = bundle.manifest;
  const top = Math.max(1, ...comparable(search));
  const all: CaptionOptions =
    search.method === 'beam' ? { beamWidth: search.beamWidth, consensus: 0, top, nameTags: 0 } : {};
  const captioner = await openCaptioner(bundle, { expectedWords: model });
  try {
    const searches: DevSearch[] = [];
    for (const expectedWords of model === undefined ? [0] : WEIGHTS) {
      const counting = model === undefined ? '' : `, the words to expect counting ${expectedWords}`;
      onMessage(`captioning the dev pictures${counting}`);
      const sets = await captionDevSplits(captioner, datasets, { ...all, expectedWords, signal });
      searches.push({ expectedWords, nameTags: 0, sets });
    }
    return searches;
  } finally {
    await captioner.close();
  }
}

/** The caption of each picture by the search in the manifest, for each way to name tags. */
async function searchByNaming(
  bundle: Bundle,
  datasets: readonly Dataset[],
  { expectedWords: model, signal, onMessage }: DevSearchOptions,
): Promise<DevSearch[]> {
  const { expectedWords = 0 } = bundle.manifest.search;
  const captioner = await openCaptioner(bundle, { expectedWords: model });
  try {
    const searches: DevSearch[] = [];
    for (const nameTags of NAMED_FROM) {
      onMessage(`captioning the dev pictures, tags named from ${nameTags} on`);
      const sets = await captionDevSplits(captioner, datasets, { nameTags, signal });
      searches.push({ expectedWords, nameTags, sets });
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
    for await (const picture of captionExamples(captioner, dev, options)) pictures.push(picture);
    if (pictures.length === 0) continue;
    const named = datasets.findIndex(({ name }) => name === dataset.name) < index;
    sets.push({ set: named ? `${dataset.name} (${index + 1})` : dataset.name, pictures });
  }
  const judged = sets.reduce((sum, { pictures }) => sum + pictures.length, 0);
  if (judged >= LEAST_JUDGED) return sets;
  throw tooFew(`at least ${LEAST_JUDGED} readable pictures in dev splits`, String(judged));
}

/** How many captions the model's search may compare, ascending: half of the beam, as many as it does, or all; 0 if it does not. */
function comparable({ method, consensus = 0, beamWidth }: SearchDefaults): number[] {
  if (method !== 'beam' || consensus < 2) return [0];
  const counts = new Set([Math.floor(beamWidth / 2), Math.min(consensus, beamWidth), beamWidth]);
  return [...counts].filter((count) => count > 1).sort((a, b) => a - b);
}

function withSearch(bundle: Bundle, chosen: Chosen): Bundle {
  const { manifest } = bundle;
  return { ...bundle, manifest: { ...manifest, search: { ...manifest.search, ...chosen } } };
}

/** Of each picture's captions the one that is chosen. */
function onlyChosen({ set, pictures }: DevCaptions, choice: Choice): DevCaptions {
  return { set, pictures: pictures.map((one) => ({ ...one, captions: [chosenOf(one.captions, choice)] })) };
}

function seesClasses([first]: readonly DevCaptions[]): boolean {
  return first?.pictures[0]?.captions[0]?.classLogits !== undefined;
}
