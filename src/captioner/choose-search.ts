import { crc32 } from 'node:zlib';
import type { Bundle, SearchDefaults } from '../bundle/index.js';
import { LegendaError } from '../errors.js';
import { type RequiredWord, requireSearch, type SearchChoice, type SearchOptions } from '../search/index.js';
import { impossibleEndings, UNKNOWN, type Vocabulary } from '../text/index.js';
import { tokenOf } from './known-words.js';
import type { CaptionOptions } from './options.js';

/** What of a model decides how it is searched. */
export type SearchedModel = Pick<Bundle, 'manifest' | 'vocabulary'>;

/** The options that only some methods have a use for. */
const METHODS_OF = {
  beamWidth: ['beam', 'diverse'],
  consensus: ['beam', 'diverse', 'sample'],
  required: ['beam', 'greedy'],
  nameTags: ['beam', 'greedy'],
  groups: ['diverse'],
  diversity: ['diverse'],
  temperature: ['sample'],
  topK: ['sample'],
  topP: ['sample'],
  seed: ['sample'],
} as const satisfies { readonly [name in keyof CaptionOptions]: readonly SearchChoice['method'][] };

/**
 * The search that options ask for, completed from the model's own. What is required of captions is required of the first
 * image: see `forBatch`.
 * @throws `CONFIGURATION_INVALID` for an option that does not fit.
 */
export function chooseSearch(options: CaptionOptions, { manifest, vocabulary }: SearchedModel): SearchChoice {
  const { method = manifest.search.method, anyEnding = false, banned = [], required = [] } = options;
  requireUse(options, method);
  const { maximumLength = manifest.search.maximumLength } = options;
  const common: SearchOptions = {
    nBest: options.top ?? 1,
    consensus: consensusOf(options, manifest.search),
    minimumLength: options.minimumLength ?? Math.min(manifest.search.minimumLength ?? 1, maximumLength),
    maximumLength,
    lengthPenalty: options.lengthPenalty ?? manifest.search.lengthPenalty,
    noRepeatNgram: options.noRepeatNgram ?? manifest.search.noRepeatNgram,
    banned: banned.map((word) => tokenOf(word, vocabulary)),
    noEndAfter: anyEnding ? [] : endings(vocabulary, manifest.language),
    attention: options.attention,
    wordLogProbabilities: true,
  };
  const words = required.map((word) => ({ anyOf: [word].flat().map((one) => tokenOf(one, vocabulary)) }));
  const search = withMethod(method, common, options, words, manifest.search);
  requireSearch(search);
  return search;
}

/**
 * The search for a batch: each image gets what is required of all, and draws that depend on its pixels alone.
 * @param besides what is required of each image besides.
 */
export function forBatch(
  search: SearchChoice,
  pixels: readonly Uint8Array[],
  besides: readonly (readonly RequiredWord[])[] = [],
): SearchChoice {
  if (search.method === 'sample') {
    return { ...search, options: { ...search.options, imageSeeds: pixels.map((image) => crc32(image)) } };
  }
  if (search.method !== 'beam') return search;
  const [required = []] = search.options.required ?? [];
  return {
    ...search,
    options: {
      ...search.options,
      required: pixels.map((_, image) => [...required, ...(besides[image] ?? [])]),
    },
  };
}

function withMethod(
  method: SearchChoice['method'],
  common: SearchOptions,
  options: CaptionOptions,
  words: readonly RequiredWord[],
  { beamWidth: width }: SearchDefaults,
): SearchChoice {
  const { groups, diversity, temperature, topK, topP, seed } = options;
  const { nBest = 1, consensus = 0 } = common;
  // A consensus asked for gets a beam twice as wide, whose worse half is left behind by better ones; the model's own goes with
  // the model's own beam.
  const top = Math.max(nBest, (options.consensus === undefined ? 1 : 2) * consensus);
  if (method === 'sample') return { method, options: { ...common, temperature, topK, topP, seed } };
  if (method === 'diverse') {
    const least = Math.max(width, top);
    const divisible = groups === undefined ? least : Math.ceil(least / groups) * groups;
    return { method, options: { ...common, beamWidth: options.beamWidth ?? divisible, groups, diversity } };
  }
  // Greedy search for required words is a beam of width 1 for each set of them.
  if (method === 'greedy' && words.length === 0 && (options.nameTags ?? 0) === 0)
    return { method, options: common };
  const beamWidth = method === 'greedy' ? top : (options.beamWidth ?? Math.max(width, top));
  return { method: 'beam', options: { ...common, beamWidth, required: [words] } };
}

/** The model's own goes with the model's own beam. */
function consensusOf({ method, beamWidth, consensus }: CaptionOptions, model: SearchDefaults): number {
  if (consensus !== undefined) return consensus;
  const asTheModelHasIt = (method === undefined || method === model.method) && beamWidth === undefined;
  return asTheModelHasIt ? (model.consensus ?? 0) : 0;
}

/** @throws `CONFIGURATION_INVALID` for an option that the method has no use for. */
function requireUse(options: CaptionOptions, method: SearchChoice['method']): void {
  for (const [name, methods] of Object.entries(METHODS_OF)) {
    const given = options[name as keyof typeof METHODS_OF] !== undefined;
    if (!given || (methods as readonly string[]).includes(method)) continue;
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: `method ${methods.join(' or ')} with ${name}`,
      received: `method ${method}`,
    });
  }
}

/** The tokens that a caption cannot end with. */
function endings(vocabulary: Vocabulary, language: string): number[] {
  const words = [...impossibleEndings(language)];
  return words.map((word) => vocabulary.numberOf(word)).filter((token) => token !== UNKNOWN);
}
