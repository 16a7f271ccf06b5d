import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaptionToEvaluate, tokeniseForMetrics } from '../../src/metrics/index.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/metrics');
const read = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));

const items: CaptionToEvaluate[] = read('sentences.json');
const theirs: { candidate: string; references: string[] }[] = read('sentences-scores.json').tokens;
const pairs = items.flatMap((item, i) => [
  [item.candidate, theirs[i]!.candidate] as const,
  ...item.references.map((reference, j) => [reference, theirs[i]!.references[j]!] as const),
]);

describe('tokens are those of the COCO caption evaluation, so that scores agree', () => {
  it.each(pairs)('%j', (sentence, tokens) => {
    expect(tokeniseForMetrics(sentence).join(' ')).toBe(tokens);
  });
});

describe('tokeniseForMetrics', () => {
  const pieces = fc.constantFrom(
    ..."aZ5 .,'-/:!?\"()&$%_#@+=<>;’é😀n't U.S. No. 1/2 &amp; cannot".split(/(?<=.)/u),
  );
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(pieces).map((parts) => parts.join('')),
  );

  it('makes of any text whole tokens in lower case', () => {
    fc.assert(
      fc.property(text, (caption) => {
        for (const token of tokeniseForMetrics(caption)) {
          expect(token).not.toBe('');
          expect(token).not.toMatch(/[ \n\t]/);
          expect(token).toBe(token.toLowerCase());
        }
      }),
    );
  });

  it('does not care about white space around a caption or how wide it is', () => {
    const words = fc.array(fc.constantFrom('a', 'dog', "isn't", 'Mr.', 't-shirt', '5:30', ',', '.'));
    fc.assert(
      fc.property(words, (parts) => {
        expect(tokeniseForMetrics(`  ${parts.join('  \n')} `)).toEqual(tokeniseForMetrics(parts.join(' ')));
      }),
    );
  });

  it.each(['dog-', 'a.,', 'a;'])('is not held up by a caption that is 200,000 times %j', (piece) => {
    // Reading on to the end at each token would run into the test's time limit.
    const tokens = tokeniseForMetrics(piece.repeat(200_000));
    expect(tokens.length).toBeLessThanOrEqual(piece.length * 200_000);
  });
});
