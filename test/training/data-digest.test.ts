import { describe, expect, it } from 'vitest';
import type { Dataset, Example, Split } from '../../src/datasets/index.js';
import { digestData, requireSameData } from '../../src/training/data-digest.js';

const example = (id: number, split: Split): Example => ({
  id: String(id),
  image: `/photos/${id}.jpg`,
  captions: [`A dog number ${id}.`, 'An animal.'],
  split,
});
const examples = [example(1, 'train'), example(2, 'train'), example(3, 'dev'), example(4, 'test')];
const dataset = (of: readonly Example[] = examples): Dataset => ({
  name: 'dogs',
  format: 'text-folder',
  root: '/photos',
  examples: of,
  dropped: [],
});
const TEXTS = [['A cat sleeps.', 'A cat.']];
const began = digestData([dataset()], TEXTS);

/** What the error says has changed; undefined if nothing has. */
function change(datasets: readonly Dataset[], texts = TEXTS, stillReadsTexts = true): string | undefined {
  try {
    requireSameData(began, digestData(datasets, texts), stillReadsTexts);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'DATASET_CHANGED' });
    return (error as { received?: string }).received;
  }
}

const first = examples[0] as Example;
const changed = (part: Partial<Example>) => dataset([{ ...first, ...part }, ...examples.slice(1)]);

describe('a run that is gone on with', () => {
  it('takes its data wherever that lies now, and does not care for what training never reads', () => {
    const moved = examples.map(({ image, ...rest }) => ({ ...rest, image: `/disk${image}` }));
    expect(change([dataset(moved)])).toBeUndefined();
    expect(change([dataset(examples.slice(0, 3))])).toBeUndefined();
    expect(change([dataset()], [], false)).toBeUndefined();
  });

  it('says what has changed', () => {
    expect(change([changed({ captions: ['A dog number 1.', 'An Animal.'] })])).toBe('other captions in dogs');
    expect(change([changed({ image: '/photos/5.jpg' })])).toBe('other images in dogs');
    expect(change([dataset(examples.toReversed())])).toBe('other images in dogs');
    expect(change([changed({ split: 'test' })])).toBe('1 images of split train, not 2, in dogs');
    expect(change([changed({ split: 'dev' })])).toBe(
      '1 images of split train, not 2, in dogs; 2 images of split dev, not 1, in dogs',
    );
    const swapped = (['dev', 'train', 'train', 'test'] as const).map((split, index) => ({
      ...(examples[index] as Example),
      split,
    }));
    expect(change([dataset(swapped)])).toBe('other splits in dogs');
    expect(change([dataset(), dataset()])).toBe('2 data sets, not 1');
    expect(change([dataset()], [['A cat sleeps.'], ['A cat.']])).toBe('other captions without pictures');
  });
});
