import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CaptionMetrics, type CaptionToEvaluate, evaluateCaptions } from '../../src/metrics/index.js';
import { flickr8kItems, flickr8kPresent } from './flickr8k-items.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/metrics');
const read = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));

/** The figures are stored with nine decimals. */
const TOLERANCE = 1e-8;

interface ReferenceScores {
  images: number;
  bleu: number[];
  rougeL: number;
  ciderD: number;
  perImage: { rougeL: number[]; ciderD: number[] };
}

/** The largest difference in any figure, overall or of one image. */
function largestDifference(ours: CaptionMetrics, theirs: ReferenceScores): number {
  const figures = (scores: readonly number[][]) => scores.flat();
  const a = figures([
    [ours.images, ours.rougeL, ours.ciderD, ...ours.bleu],
    ours.perImage.map((image) => image.rougeL),
    ours.perImage.map((image) => image.ciderD),
  ]);
  const b = figures([
    [theirs.images, theirs.rougeL, theirs.ciderD, ...theirs.bleu],
    theirs.perImage.rougeL,
    theirs.perImage.ciderD,
  ]);
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((figure, i) => Math.abs(figure - b[i]!)));
}

describe('scores can be compared with published ones: they are those of pycocoevalcap', () => {
  it('on sentences that are hard to tokenise, empty, repeated, equal or much too short', () => {
    const items: CaptionToEvaluate[] = read('sentences.json');
    const scores = evaluateCaptions(items);
    expect(largestDifference(scores, read('sentences-scores.json').scores)).toBeLessThan(TOLERANCE);
    expect(scores.perImage.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  it.skipIf(!flickr8kPresent)(
    'on 1,000 Flickr8k dev images, with human and machine-like candidates (skipped without the data set)',
    () => {
      const theirs = read('flickr8k-dev-scores.json');
      const items = flickr8kItems();
      expect(largestDifference(evaluateCaptions(items.human), theirs.human)).toBeLessThan(TOLERANCE);
      expect(largestDifference(evaluateCaptions(items.machine), theirs.machine)).toBeLessThan(TOLERANCE);
    },
  );
});

describe('evaluateCaptions', () => {
  const item = (candidate: string, id = candidate) => ({
    id,
    candidate,
    references: [`${id} one two three`, 'four'],
  });

  it('counts as one caption what differs only in capitals and punctuation', () => {
    const scores = evaluateCaptions([item('A dog.', '1'), item('a dog', '2'), item('A cat', '3')]);
    expect(scores.images).toBe(3);
    expect(scores.distinctCaptions).toBe(2);
  });

  it('names the image that has no references', () => {
    expect(() => evaluateCaptions([item('a'), { id: 'b.jpg', candidate: 'b', references: [] }])).toThrow(
      expect.objectContaining({ code: 'DATASET_BROKEN', received: expect.stringContaining('b.jpg') }),
    );
  });

  it('says so when there is nothing to evaluate', () => {
    expect(() => evaluateCaptions([])).toThrow(expect.objectContaining({ code: 'NO_IMAGES' }));
  });

  it('gives numbers for a single image, where no word tells images apart', () => {
    const scores = evaluateCaptions([item('a dog')]);
    expect(scores.ciderD).toBe(0);
    expect(scores.bleu.every(Number.isFinite)).toBe(true);
  });
});

describe('captions of other languages', () => {
  it.each([
    ['pt', 'Dois cães correm na areia da praia.', 'Um gato dorme no sofá.'],
    ['de', 'Zwei große Hunde laufen über die Straße.', 'Eine Katze schläft.'],
    ['ar', 'ولد يلعب بالكرة في الحديقة.', 'قطة تنام على الأريكة.'],
    ['hi', 'एक लड़का मैदान में खेल रहा है।', 'बिल्ली सो रही है।'],
    ['ja', '白い犬が公園にいる。', '猫がソファで眠る。'],
    ['th', 'สุนัขสีขาววิ่งบนหญ้า', 'แมวนอนบนโซฟา'],
  ])('are judged word by word in %s', (language, caption, other) => {
    const references = [[caption], [other]];
    const metrics = evaluateCaptions(
      [caption, caption].map((candidate, id) => ({ id: `${id}`, candidate, references: references[id]! })),
      language,
    );
    const [right, wrong] = metrics.perImage;
    expect(right?.rougeL).toBe(1);
    expect(right?.ciderD).toBeGreaterThan(wrong!.ciderD + 1);
  });
});
