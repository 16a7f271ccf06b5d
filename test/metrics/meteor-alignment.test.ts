import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alignment, align, type Match, type StemmedWord } from '../../src/metrics/meteor-alignment.js';

/** `dog` and `dog+` are different words with the stem `dog`. */
const words = (text: string): StemmedWord[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ word, stem: word.replace('+', '') }));

const alignment = (candidate: string, reference: string) => align(words(candidate), words(reference));

/** Counted anew, by what chunks are. */
function chunksOf(matches: readonly Match[]): number {
  return matches.filter(({ candidate, reference }, index) => {
    const before = matches[index - 1];
    return before?.candidate !== candidate - 1 || before.reference !== reference - 1;
  }).length;
}

/** The worth of the best of all alignments there are: matches, exact ones, chunks. */
function bestOfAll(candidate: readonly StemmedWord[], reference: readonly StemmedWord[]) {
  let best: [number, number, number] = [0, 0, 0];
  const visit = (place: number, taken: ReadonlySet<number>, matches: readonly Match[]) => {
    if (place === candidate.length) {
      const worth = worthOf({ matches, chunks: chunksOf(matches) }, candidate, reference);
      const [more, exact, chunks] = worth.map((value, i) => value - best[i]!) as [number, number, number];
      if (more > 0 || (more === 0 && (exact > 0 || (exact === 0 && chunks < 0)))) best = worth;
      return;
    }
    visit(place + 1, taken, matches);
    for (const [at, { stem }] of reference.entries()) {
      if (stem !== candidate[place]?.stem || taken.has(at)) continue;
      visit(place + 1, new Set([...taken, at]), [...matches, { candidate: place, reference: at }]);
    }
  };
  visit(0, new Set(), []);
  return best;
}

function worthOf(
  { matches, chunks }: Alignment,
  candidate: readonly StemmedWord[],
  reference: readonly StemmedWord[],
): [number, number, number] {
  const exact = matches.filter((match) => {
    return candidate[match.candidate]?.word === reference[match.reference]?.word;
  });
  return [matches.length, exact.length, chunks];
}

const captions = fc
  .array(fc.constantFrom('a', 'a+', 'b', 'b+', 'c', 'd'), { maxLength: 6 })
  .map((all) => words(all.join(' ')));

describe('the alignment that METEOR scores', () => {
  it('has the most matches, of those the most between equal words, of those the fewest chunks', () => {
    fc.assert(
      fc.property(captions, captions, (candidate, reference) => {
        const found = align(candidate, reference);
        expect(worthOf(found, candidate, reference)).toEqual(bestOfAll(candidate, reference));
      }),
      { numRuns: 300 },
    );
  });

  it('matches a word once at most, with one of its stem, and counts its chunks', () => {
    const long = fc.array(fc.constantFrom('a', 'a+', 'b', 'c', 'd+', 'e'), { maxLength: 20 });
    fc.assert(
      fc.property(long, long, (ours, theirs) => {
        const [candidate, reference] = [words(ours.join(' ')), words(theirs.join(' '))];
        const { matches, chunks } = align(candidate, reference);
        expect(new Set(matches.map((match) => match.candidate)).size).toBe(matches.length);
        expect(new Set(matches.map((match) => match.reference)).size).toBe(matches.length);
        for (const match of matches) {
          expect(candidate[match.candidate]?.stem).toBe(reference[match.reference]?.stem);
        }
        expect(chunks).toBe(chunksOf(matches));
        expect(align(reference, candidate)).toMatchObject({ matches: { length: matches.length }, chunks });
      }),
      { numRuns: 100 },
    );
  });

  it('chooses among equal words those that leave fewer chunks', () => {
    // The first `a` alone would part `a cat` in two.
    expect(alignment('a cat', 'a dog sees a cat')).toEqual({
      matches: [
        { candidate: 0, reference: 3 },
        { candidate: 1, reference: 4 },
      ],
      chunks: 1,
    });
    expect(alignment('a x a cat', 'a cat').chunks).toBe(1);
  });

  it('prefers equal words to equal stems', () => {
    expect(alignment('dog dog+', 'dog+ dog').chunks).toBe(2);
    expect(alignment('dog x dog+', 'dog+').matches).toEqual([{ candidate: 2, reference: 0 }]);
  });

  it('ends on a text that repeats words, of which there are more alignments than can be followed', () => {
    const many = 'a b '.repeat(40);
    expect(alignment(many, many)).toMatchObject({ matches: { length: 80 } });
    expect(alignment('', many)).toEqual({ matches: [], chunks: 0 });
  });
});
