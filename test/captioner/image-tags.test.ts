import { describe, expect, it } from 'vitest';
import { ImageTags, tagLabels } from '../../src/captioner/image-tags.js';

const map = { words: ['dog', 'cat', 'ball'], ofClass: Int32Array.of(0, 1, -1, 0, 2) };

/** Logits of these probabilities. */
function tagsOf(...probabilities: number[]): ImageTags {
  return new ImageTags(Float32Array.from(probabilities, Math.log), map);
}

describe('ImageTags', () => {
  it('adds up the classes of a word and lists what is likely enough, likeliest first', () => {
    const list = tagsOf(0.3, 0.25, 0.1, 0.25, 0.1).list();
    expect(list.map(({ label }) => label)).toEqual(['dog', 'cat']);
    expect(list[0]?.probability).toBeCloseTo(0.55, 5);
  });

  it('says how likely what a caption names is, in any form of the words', () => {
    const tags = tagsOf(0.3, 0.25, 0.1, 0.25, 0.1);
    expect(tags.probabilityNamed(['two', 'dogs', 'with', 'a', 'ball'])).toBeCloseTo(0.65, 5);
    expect(tags.probabilityNamed(['a', 'man'])).toBe(0);
  });

  it('has words for ImageNet’s classes, whatever the model can write, and none for classes nobody knows', () => {
    expect(tagLabels(1000, undefined)?.words).toContain('coffee');
    expect(tagLabels(5, map)).toBe(map);
    expect(tagLabels(7, map)).toBeUndefined();
    expect(tagLabels(0, undefined)).toBeUndefined();
  });
});
