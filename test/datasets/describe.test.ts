import { expect, it } from 'vitest';
import { type Dataset, describeDataset } from '../../src/datasets/index.js';

it('describes a data set: splits, captions, lengths, what was left out', () => {
  const dataset: Dataset = {
    name: 'pets',
    format: 'coco',
    root: '/',
    examples: [
      { id: 'a', image: '/a.jpg', split: 'train', captions: ['A dog.', "The dog's bowl is empty."] },
      { id: 'b', image: '/b.jpg', split: 'train', captions: ['A cat'] },
      { id: 'c', image: '/c.jpg', split: 'dev', captions: ['A bird sings'] },
    ],
    dropped: [
      ...['d', 'e', 'f', 'g'].map((id) => ({ id, reason: 'missing image' }) as const),
      { id: 'a', reason: 'empty caption' },
    ],
  };
  expect(describeDataset(dataset)).toBe(
    [
      'pets (coco): 3 images',
      '         images  captions  captions an image',
      '  train       2         3       1.5 (1 to 2)',
      '  dev         1         1       1.0 (1 to 1)',
      '  words a caption: 2 to 6, median 3, 95 % have at most 6',
      '  left out, missing image: 4 images (d, e, f, …)',
      '  left out, empty caption: 1 caption (a)',
    ].join('\n'),
  );
});
