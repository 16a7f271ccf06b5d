import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addSearchOptions, inFlags, type SearchFlags, searchOptions } from '../../src/cli/search-options.js';
import { LegendaError } from '../../src/errors.js';

function read(...args: string[]) {
  const command = addSearchOptions(new Command('test')).exitOverride();
  return searchOptions(command.parse(args, { from: 'user' }).opts<SearchFlags>());
}

/** What is given, without what is not. */
function given(...args: string[]) {
  const entries = Object.entries(read(...args)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

describe('the options of a search on the command line', () => {
  it('leave everything to the model where none is given', () => {
    expect(given()).toEqual({ banned: [], anyEnding: false });
  });

  it('reach the captioner, each under its own name', () => {
    const lengths = [
      '--min-length',
      '0',
      '--max-length',
      '9',
      '--length-penalty',
      '0',
      '--any-ending',
      '--name-tags',
      '0.7',
    ];
    const words = [
      '--no-repeat',
      '3',
      '--consensus',
      '2',
      '--expected-words',
      '4',
      '--ban',
      'dog',
      '--ban',
      'cat,cats',
      '--require',
      'two',
      '--require',
      'man,men',
    ];
    const diverse = ['--method', 'diverse', '--beam', '6', '--groups', '3', '--diversity', '0'];
    const sample = ['--temperature', '0.5', '--top-k', '4', '--top-p', '0.9', '--seed', '0'];
    expect(given(...lengths, ...words, ...diverse, ...sample)).toEqual({
      minimumLength: 0,
      maximumLength: 9,
      lengthPenalty: 0,
      anyEnding: true,
      nameTags: 0.7,
      noRepeatNgram: 3,
      consensus: 2,
      expectedWords: 4,
      banned: ['dog', 'cat', 'cats'],
      required: [['two'], ['man', 'men']],
      method: 'diverse',
      beamWidth: 6,
      groups: 3,
      diversity: 0,
      temperature: 0.5,
      topK: 4,
      topP: 0.9,
      seed: 0,
    });
  });

  it('are named in errors as a person wrote them', () => {
    const error = inFlags(
      new LegendaError('CONFIGURATION_INVALID', {
        expected: 'method sample with topK',
        received: 'method beam',
      }),
    );
    expect(error).toMatchObject({ expected: 'method sample with --top-k', received: 'method beam' });
    const other = new LegendaError('BUNDLE_BROKEN', { received: 'topK' });
    expect(inFlags(other)).toBe(other);
  });
});
