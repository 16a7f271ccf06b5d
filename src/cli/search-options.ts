import { type Command, Option } from 'commander';
import type { CaptionOptions } from '../captioner/index.js';
import { LegendaError } from '../errors.js';
import { collect, count, number, wholeNumber } from './option-values.js';

/** The options of a search as commander gives them. */
export interface SearchFlags {
  readonly method?: NonNullable<CaptionOptions['method']>;
  readonly beam?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly lengthPenalty?: number;
  readonly consensus?: number;
  readonly expectedWords?: number;
  readonly noRepeat?: number;
  readonly ban: readonly string[];
  readonly require: readonly string[];
  readonly nameTags?: number;
  readonly anyEnding: boolean;
  readonly groups?: number;
  readonly diversity?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

const METHODS = ['beam', 'greedy', 'diverse', 'sample'] as const;

/** Gives a command the options of a search. */
export function addSearchOptions(command: Command): Command {
  const noRepeat = new Option('--no-repeat <n>', 'let no n words in a row stand in a caption twice');
  // Not the negation of an option --repeat, for which commander takes it.
  noRepeat.negate = false;
  return command
    .optionsGroup('Search:')
    .addOption(
      new Option(
        '--method <method>',
        'beam: the best of several captions; greedy: faster; diverse: several unlike each other; sample: at random',
      ).choices(METHODS),
    )
    .option('--beam <n>', 'beam, diverse: captions kept under way', count)
    .option('--min-length <n>', 'the fewest words that a caption may have', wholeNumber)
    .option('--max-length <n>', 'the most words that a caption may have', count)
    .option('--length-penalty <n>', 'how much longer captions are favoured, 0 to 2', number(0, 2))
    .option(
      '--consensus <n>',
      'not greedy: of the best n captions, take the one that agrees most with the others; 0 takes the likeliest',
      wholeNumber,
    )
    .option(
      '--expected-words <x>',
      'how much it counts that a caption has the words to expect of the photo, 0 for not at all',
      number(0),
    )
    .addOption(noRepeat.argParser(wholeNumber))
    .addOption(
      new Option('--ban <word>', 'never write this word, nor any of several: cat,cats; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--require <word>',
        'beam, greedy: have this word in every caption, or one of several: cat,cats; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option(
      '--name-tags <p>',
      'beam, greedy: name what the classifier finds at least so probable, at most two things; 0 for nothing',
      number(0, 1),
    )
    .option('--any-ending', 'let captions end with words such as a, of, with', false)
    .option('--groups <n>', 'diverse: groups that differ; as many as --beam if not given', count)
    .option('--diversity <x>', 'diverse: how much groups differ, 0.5 if not given', number(0))
    .option('--temperature <x>', 'sample: below 1 likelier words, above 1 more surprising ones', number(0))
    .option('--top-k <n>', 'sample: draw among so many of the likeliest words', count)
    .option(
      '--top-p <x>',
      'sample: draw among the likeliest words that together have this probability',
      number(0, 1),
    )
    .option('--seed <n>', 'sample: the same seed gives the same photo the same caption', wholeNumber);
}

/** What the library calls an option, where the command line has another name. */
const FLAGS: Readonly<Record<string, string>> = {
  beamWidth: '--beam',
  minimumLength: '--min-length',
  maximumLength: '--max-length',
  lengthPenalty: '--length-penalty',
  expectedWords: '--expected-words',
  noRepeatNgram: '--no-repeat',
  minimumConfidence: '--min-confidence',
  nameTags: '--name-tags',
  topK: '--top-k',
  topP: '--top-p',
};

/** An error about an option of the library as one about the command line's. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof LegendaError) || error.code !== 'CONFIGURATION_INVALID') return error;
  const named = (text = '') => text.replace(/\b[a-z]+[A-Z]\w*/g, (name) => FLAGS[name] ?? name);
  const { expected, received, advice, cause } = error;
  return new LegendaError(error.code, {
    ...(expected === undefined ? {} : { expected: named(expected) }),
    ...(received === undefined ? {} : { received: named(received) }),
    ...(advice === undefined ? {} : { advice }),
    cause,
  });
}

/** The options of a search as the captioner takes them. */
export function searchOptions(flags: SearchFlags): CaptionOptions {
  const { method, lengthPenalty, anyEnding, groups, diversity, temperature, topK, topP, seed } = flags;
  return {
    method,
    beamWidth: flags.beam,
    minimumLength: flags.minLength,
    maximumLength: flags.maxLength,
    lengthPenalty,
    consensus: flags.consensus,
    expectedWords: flags.expectedWords,
    noRepeatNgram: flags.noRepeat,
    banned: flags.ban.flatMap((words) => words.split(',')),
    required: flags.require.length === 0 ? undefined : flags.require.map((words) => words.split(',')),
    nameTags: flags.nameTags,
    anyEnding,
    groups,
    diversity,
    temperature,
    topK,
    topP,
    seed,
  };
}
