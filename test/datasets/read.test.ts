import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDataset } from '../../src/datasets/index.js';
import { fixtureFormats, writePhoto, writeText } from '../fixtures/datasets.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-dataset-'));
});
afterEach(() => rm(folder, { recursive: true }));

const coco = (images: object[], annotations: object[]) => JSON.stringify({ images, annotations });

describe('readDataset', () => {
  it('tells a missing path, an unknown layout and an unknown format apart', async () => {
    await expect(readDataset(join(folder, 'none'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'DATASET_UNRECOGNISED',
      message: expect.stringContaining('Flickr8k.token.txt'),
    });
    await expect(readDataset(folder, { format: 'cocoo' })).rejects.toMatchObject({
      code: 'DATASET_UNRECOGNISED',
      message: expect.stringContaining('flickr8k, coco, text-folder'),
    });
  });

  it('explains a format that does not fit the path', async () => {
    for (const format of ['flickr8k', 'coco', 'text-folder']) {
      await expect(readDataset(folder, { format })).rejects.toMatchObject({ code: 'DATASET_BROKEN' });
    }
  });
});

describe('the Flickr8k layout', () => {
  it('names the line that is not one', async () => {
    await writeText(join(folder, 'Flickr8k.token.txt'), 'a.jpg#0\tA dog\n\na.jpg A cat\n');
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringMatching(/a\.jpg A cat.*line 3 of .*token\.txt/),
    });
  });

  it('reads files that Windows wrote', async () => {
    await fixtureFormats.flickr8k!.write(folder, [
      { stem: 'a', captions: ['A dog', 'A cat'], split: 'train' },
      { stem: 'b', captions: ['A cow'], split: 'dev' },
    ]);
    for (const file of ['Flickr8k.token.txt', 'Flickr_8k.trainImages.txt', 'Flickr_8k.devImages.txt']) {
      const text = await readFile(join(folder, file), 'utf8');
      await writeFile(join(folder, file), `\ufeff${text.replaceAll('\n', '\r\n')}`);
    }
    const { examples } = await readDataset(folder);
    expect(examples.map(({ id, captions, split }) => [id, captions, split])).toEqual([
      ['a.jpg', ['A dog', 'A cat'], 'train'],
      ['b.jpg', ['A cow'], 'dev'],
    ]);
  });
});

describe('the COCO layout', () => {
  it("reads COCO's own folders: a captions file and an image folder for each split", async () => {
    // The same name in two splits is two pictures, and one that its split's folder lacks is missing.
    const train = coco(
      [
        { id: 1, file_name: '1.jpg' },
        { id: 2, file_name: '2.jpg' },
      ],
      [
        { image_id: 1, caption: 'one' },
        { image_id: 2, caption: 'two' },
      ],
    );
    const val = coco([{ id: 11, file_name: '1.jpg' }], [{ image_id: 11, caption: 'eleven' }]);
    await writeText(join(folder, 'annotations/captions_train2017.json'), train);
    await writeText(join(folder, 'annotations/captions_val2017.json'), val);
    await writeText(join(folder, 'annotations/instances_val2017.json'), '{}');
    for (const file of ['train2017/1.jpg', 'val2017/1.jpg', 'val2017/2.jpg'])
      await writePhoto(join(folder, file));
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toEqual([
      { id: '1', image: join(folder, 'train2017/1.jpg'), captions: ['one'], split: 'train' },
      { id: '11', image: join(folder, 'val2017/1.jpg'), captions: ['eleven'], split: 'dev' },
    ]);
    expect(dropped).toEqual([{ id: '2', reason: 'missing image' }]);
    const one = await readDataset(join(folder, 'annotations/captions_val2017.json'));
    expect(one.examples.map(({ id }) => id)).toEqual(['11']);
  });

  it('finds images beside the file, in named sub-folders and in any folder of the data set', async () => {
    const images = ['beside.jpg', 'sub/named.jpg', 'anywhere.jpg', 'deep.jpg'];
    await writeText(
      join(folder, 'captions.json'),
      coco(
        images.map((file_name, id) => ({ id, file_name })),
        images.map((caption, image_id) => ({ image_id, caption })),
      ),
    );
    const places = ['beside.jpg', 'sub/named.jpg', 'jpegs/anywhere.jpg', 'images/train/deep.jpg'];
    for (const place of places) await writePhoto(join(folder, place));
    const { examples } = await readDataset(folder);
    expect(examples.map((example) => example.image)).toEqual(places.map((place) => join(folder, place)));
  });

  it('looks nowhere outside the data set', async () => {
    const inside = join(folder, 'inside');
    await writePhoto(join(folder, 'secret.jpg'));
    await writePhoto(join(inside, 'photos/fine.jpg'));
    const names = ['../secret.jpg', 'photos/../../secret.jpg', join(folder, 'secret.jpg'), 'fine.jpg'];
    await writeText(
      join(inside, 'captions.json'),
      coco(
        names.map((file_name, id) => ({ id, file_name })),
        names.map((_, image_id) => ({ image_id, caption: 'words' })),
      ),
    );
    const { examples, dropped } = await readDataset(inside);
    expect(examples.map(({ id }) => id)).toEqual(['3']);
    expect(dropped).toHaveLength(3);
  });

  it("takes everyone's names of the splits, and refuses others", async () => {
    const words = ['train', 'restval', 'val', 'valid', 'Validation', 'dev', 'test'];
    const write = (splits: readonly string[]) =>
      writeText(
        join(folder, 'captions.json'),
        coco(
          splits.map((split, id) => ({ id, file_name: 'a.jpg', split })),
          splits.map((_, image_id) => ({ image_id, caption: 'words' })),
        ),
      );
    await writePhoto(join(folder, 'a.jpg'));
    await write(words);
    const { examples } = await readDataset(folder);
    expect(examples.map(({ split }) => split)).toEqual([
      'train',
      'train',
      'dev',
      'dev',
      'dev',
      'dev',
      'test',
    ]);
    await write(['trian']);
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringContaining('"trian"'),
    });
  });

  it('counts an image that is listed twice once', async () => {
    const image = { id: 7, file_name: 'a.jpg' };
    await writePhoto(join(folder, 'a.jpg'));
    await writeText(join(folder, 'captions.json'), coco([image, image], [{ image_id: 7, caption: 'words' }]));
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toHaveLength(1);
    expect(dropped).toEqual([{ id: '7', reason: 'duplicate' }]);
  });

  it.each([
    ['{"images": [', /JSON/],
    ['{"images": []}', /annotations/],
    [coco([{ id: 1, file_name: 'a.jpg' }], [{ image_id: 1, bbox: [] }]), /annotations\.0\.caption/],
  ])('names the file and the place where %s is wrong', async (content, place) => {
    await writeText(join(folder, 'captions.json'), content);
    const failed = readDataset(folder);
    await expect(failed).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringMatching(place),
    });
    await expect(failed).rejects.toThrow(join(folder, 'captions.json'));
  });
});

describe('the folder of images and texts', () => {
  it('takes any image extension and several lines, blank ones and a byte-order mark aside', async () => {
    await writePhoto(join(folder, 'a.JPG'));
    await writeText(join(folder, 'a.txt'), '\ufeffone\r\n\r\ntwo\r\n');
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toMatchObject([{ id: 'a', captions: ['one', 'two'] }]);
    expect(dropped).toEqual([]);
  });

  it('notes two images that share a text, and stray texts and images', async () => {
    for (const name of ['a.jpg', 'a.png', 'alone.jpg', '._a.jpg']) await writePhoto(join(folder, name));
    await writeText(join(folder, 'a.txt'), 'words');
    await writeText(join(folder, 'README.txt'), 'about this');
    const { examples, dropped } = await readDataset(folder);
    expect(examples.map(({ image }) => image)).toEqual([join(folder, 'a.jpg')]);
    expect(dropped).toEqual([
      { id: 'a', reason: 'duplicate' },
      { id: 'alone', reason: 'no captions' },
      { id: 'README', reason: 'missing image' },
    ]);
  });

  it('names a text that cannot be read', async () => {
    await writePhoto(join(folder, 'a.jpg'));
    await symlink(folder, join(folder, 'a.txt'));
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'DATASET_BROKEN',
      message: expect.stringContaining(join(folder, 'a.txt')),
    });
  });
});
