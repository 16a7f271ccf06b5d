import { describe, expect, it } from 'vitest';
import { evaluateCaptions } from '../../src/metrics/index.js';
import { END, impossibleEndings, START } from '../../src/text/index.js';
import { CaptionReward } from '../../src/training/caption-reward.js';
import { TINY_VOCABULARY } from '../support/tiny-bundle.js';

const REFERENCES = [
  ['The dog runs on the grass.', 'A red dog runs'],
  ['Two people sit with a blue ball.', 'a man and a woman with a ball'],
];
const reward = new CaptionReward(REFERENCES, TINY_VOCABULARY, impossibleEndings('en'));
const tokens = (caption: string) => [
  START,
  ...caption.split(' ').map((word) => TINY_VOCABULARY.numberOf(word)),
  END,
];

describe('CaptionReward, what self-critical training drives at', () => {
  it('is the CIDEr-D that an evaluation gives', () => {
    const captions = ['a dog runs on the grass', 'a man with a ball'];
    const { perImage } = evaluateCaptions(
      captions.map((candidate, image) => ({
        id: `${image}`,
        candidate,
        references: REFERENCES[image] as string[],
      })),
    );
    captions.forEach((caption, image) => {
      const found = reward.of(image, tokens(caption));
      expect(found).toBeGreaterThan(0.1);
      expect(found).toBeCloseTo(perImage[image]?.ciderD as number, 10);
    });
  });

  it('gives nothing for a caption that breaks off, however good its beginning', () => {
    expect(reward.of(1, tokens('a man with a'))).toBe(0);
    expect(reward.of(0, tokens('a dog runs on the grass with'))).toBe(0);
    expect(reward.of(0, tokens('a dog runs on the grass').slice(0, -1))).toBe(0);
    expect(reward.of(0, [START, END])).toBe(0);
  });
});
