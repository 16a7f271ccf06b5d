import { describe, expect, it } from 'vitest';
import { layOutCaptions } from '../../src/decoder/caption-batch.js';
import { Random } from '../../src/random.js';
import { tf, tidy } from '../../src/tensorflow.js';
import { END, START } from '../../src/text/index.js';
import { CaptionModel } from '../../src/training/caption-model.js';
import { teachingLoss } from '../../src/training/teaching-loss.js';
import { tinyContents } from '../support/tiny-bundle.js';

const contents = tinyContents();
const model = new CaptionModel(contents);
const captions = layOutCaptions([[[START, 4, 6, 8, 12, END]], [[START, 5, 7, 9, END]]]);

describe('teachingLoss with scheduled sampling', () => {
  const random = new Random(4);
  const grid = tf.tensor3d(
    Float32Array.from({ length: 2 * 16 * 12 }, () => random.normal()),
    [2, 16, 12],
  );
  const loss = (scheduledSampling: number, progress: number) =>
    tidy(
      () =>
        teachingLoss(
          model,
          { labelSmoothing: 0.1, scheduledSampling },
          { grid },
          captions,
          progress,
          Random.of(5),
        ).dataSync()[0],
    );

  it('begins with people’s words alone, and takes in more of its own as the stage goes on', () => {
    expect(loss(1, 0)).toBe(loss(0, 0));
    expect(loss(1, 1)).not.toBe(loss(0, 1));
    // Half of it at the end is all of it half way.
    expect(loss(0.5, 1)).toBe(loss(1, 0.5));
  });
});
