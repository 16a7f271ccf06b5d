import { describe, expect, it } from 'vitest';
import { bleu } from '../../src/metrics/bleu.js';
import { rougeL } from '../../src/metrics/rouge-l.js';

const item = (candidate: string, ...references: string[]) => ({
  candidate: candidate.split(' '),
  references: references.map((reference) => reference.split(' ')),
});

describe('BLEU', () => {
  it('counts a word at most as often as a reference has it (Papineni et al. 2002, example 2: 2/7)', () => {
    const scores = bleu([
      item('the the the the the the the', 'the cat is on the mat', 'there is a cat on the mat'),
    ]);
    expect(scores[0]).toBeCloseTo(2 / 7, 8);
  });

  it('pools the counts of all captions rather than averaging captions', () => {
    const scores = bleu([item('a dog', 'a dog'), item('two red cats sleep', 'one big bird sings')]);
    expect(scores[0]).toBeCloseTo(2 / 6, 8);
  });

  it('marks down captions that are too short, against the shorter of two references as close', () => {
    expect(bleu([item('a dog', 'a dog runs far')])[0]).toBeCloseTo(Math.exp(1 - 4 / 2), 8);
    expect(bleu([item('a dog', 'a', 'a dog runs')])[0]).toBeCloseTo(1, 8);
  });
});

describe('ROUGE-L', () => {
  it('takes words in order, with gaps (Lin 2004, section 3: police kill the gunman, 3/4)', () => {
    expect(rougeL(item('police kill the gunman', 'police killed the gunman'))).toBeCloseTo(3 / 4, 12);
    expect(rougeL(item('the gunman kill police', 'police killed the gunman'))).toBeCloseTo(1 / 2, 12);
  });

  it('takes the best precision and the best recall, each from any reference', () => {
    const precision = 2 / 3;
    const recall = 1;
    const expected = ((1 + 1.44) * precision * recall) / (recall + 1.44 * precision);
    expect(rougeL(item('the big dog', 'the dog barks at me', 'dog'))).toBeCloseTo(expected, 12);
  });
});
