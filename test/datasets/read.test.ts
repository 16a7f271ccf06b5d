import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDataset, readers } from '../../src/datasets/index.js';
import { readImage } from '../../src/images/index.js';
import { fixtureFormats, photoBytes, writePhoto, writeText } from '../fixtures/datasets.js';

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
      message: expect.stringContaining('flickr8k, kaggle, karpathy, coco'),
    });
  });

  it('explains a format that does not fit the path', async () => {
    for (const { name: format } of readers) {
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

  it('keeps the pictures of all files where each counts its ids from 1', async () => {
    // The third picture has an id of its own, which stays as it is; the fourth file lists a picture once more.
    const files = {
      train: [1, 3],
      val: [1],
    };
    for (const [split, ids] of Object.entries(files)) {
      await writeText(
        join(folder, `annotations/captions_${split}.json`),
        coco(
          ids.map((id) => ({ id, file_name: `${split}${id}.jpg` })),
          ids.map((image_id) => ({ image_id, caption: `${split} ${image_id}` })),
        ),
      );
      for (const id of ids) await writePhoto(join(folder, `images/${split}${id}.jpg`));
    }
    const again = coco([{ id: 3, file_name: 'train3.jpg' }], [{ image_id: 3, caption: 'again' }]);
    await writeText(join(folder, 'annotations/captions_train_more.json'), again);
    const { examples, dropped } = await readDataset(folder);
    expect(examples.map(({ id, captions }) => [id, captions])).toEqual([
      ['captions_train/1', ['train 1']],
      ['3', ['train 3']],
      ['captions_val/1', ['val 1']],
    ]);
    expect(dropped).toEqual([{ id: '3', reason: 'duplicate' }]);
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
          splits.map((split, id) => ({ id, file_name: `${id}.jpg`, split })),
          splits.map((_, image_id) => ({ image_id, caption: 'words' })),
        ),
      );
    for (const id of words.keys()) await writePhoto(join(folder, `${id}.jpg`));
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

describe("Kaggle's tables", () => {
  it("reads Flickr30k's, which bars separate, and counts its line that lacks a bar", async () => {
    const lines = ['image_name| comment_number| comment', 'a.jpg| 0| A dog | a cat .', 'a.jpg| 1   A dog .'];
    await writeText(join(folder, 'results.csv'), lines.join('\n'));
    await writePhoto(join(folder, 'flickr30k_images/a.jpg'));
    const { format, examples, dropped } = await readDataset(folder);
    expect(format).toBe('kaggle');
    expect(examples).toMatchObject([{ id: 'a.jpg', captions: ['A dog | a cat .'] }]);
    expect(dropped).toEqual([{ id: 'a.jpg', reason: 'empty caption' }]);
  });
});

describe('tables', () => {
  it.each([
    ['photos.csv', 'Image;Caption\r\na.jpg;"one; ""quoted"""\r\na.jpg;two\r\n'],
    ['photos.tsv', 'image\tcaption_1\tcaption_2\na.jpg\tone; "quoted"\ttwo\n'],
    ['photos.csv', '\ufefffile_name,captions\na.jpg,"[""one; \\""quoted\\"""", ""two""]"\n'],
    ['photos.ndjson', '{"path":"a.jpg","sentences":[{"raw":"one; \\"quoted\\""},{"raw":"two"}]}\n'],
  ])('%s: joins the captions of an image, however they are written down', async (name, content) => {
    await writeText(join(folder, name), content);
    await writePhoto(join(folder, 'a.jpg'));
    const { examples } = await readDataset(join(folder, name));
    expect(examples).toMatchObject([{ id: 'a.jpg', captions: ['one; "quoted"', 'two'] }]);
    expect(await readDataset(folder)).toMatchObject({ format: 'table', examples });
  });

  it.each([
    ['photos.tsv', '\t'],
    ['photos.csv', '|'],
    ['photos.csv', ','],
    ['photos.csv', ';'],
    ['captions.txt', ','],
  ])('%s with "%s": a quote that a caption begins with swallows no row', async (name, separator) => {
    const captions = {
      'cat.jpg': '"Stop sign on a road',
      'coffee.jpg': 'A dog says "hi"',
      'door.jpg': '"Open" on a door',
      'end.jpg': '"The end',
      'fin.jpg': 'and so on"',
      'gone.jpg': '"Never closed',
    };
    const rows = [['image', 'caption'], ...Object.entries(captions)];
    await writeText(join(folder, name), rows.map((row) => row.join(separator)).join('\n'));
    for (const image of Object.keys(captions)) await writePhoto(join(folder, image));
    const { examples, dropped } = await readDataset(folder);
    expect(dropped).toEqual([]);
    expect(Object.fromEntries(examples.map((e) => [e.id, e.captions.join('; ')]))).toEqual(captions);
  });

  it('keeps a caption in quotes that goes on in another line', async () => {
    await writeText(join(folder, 'a.csv'), 'image,caption\r\na.jpg,"A man, smiling,\r\non a ""bench"""\r\n');
    await writePhoto(join(folder, 'a.jpg'));
    const { examples } = await readDataset(folder);
    expect(examples).toMatchObject([{ captions: ['A man, smiling,\non a "bench"'] }]);
  });

  it.each([
    ['cat.jpg,A man, smiling, on a bench', 'A man, smiling, on a bench'],
    ['cat.jpg,A man, "smiling",,', 'A man, "smiling"'],
    ['cat.jpg, "A man, smiling"', 'A man, smiling'],
    ['cat.jpg,"A man, smiling",', 'A man, smiling'],
  ])('%s: keeps the whole of a caption with commas, where it is last', async (row, caption) => {
    await writePhoto(join(folder, 'cat.jpg'));
    for (const header of ['image,caption', 'image,caption,']) {
      await writeText(join(folder, 'a.csv'), `${header}\n${row}\n`);
      expect((await readDataset(folder)).examples).toMatchObject([{ captions: [caption] }]);
    }
  });

  it.each([
    ['caption,image', 'A man, smiling,cat.jpg'],
    ['image,caption,split', 'cat.jpg,A man, smiling,train'],
    ['image,caption_1,caption_2', 'cat.jpg,A man, smiling,A bench'],
  ])('%s: names the line with more fields than columns', async (header, row) => {
    await writeText(join(folder, 'a.csv'), `${header}\n"one","A\nman"\n\n${row}\n`);
    const failed = readDataset(folder);
    await expect(failed).rejects.toMatchObject({ code: 'DATASET_BROKEN' });
    await expect(failed).rejects.toThrow(/line 5 of/);
  });

  it('takes the columns that are named, and says which there are', async () => {
    await writeText(join(folder, 'shop.csv'), 'sku,photo,title,alt,part\n7,a.jpg,A chair,A red chair,test\n');
    await writePhoto(join(folder, 'a.jpg'));
    const columns = { image: 'photo', captions: ['title', 'alt'], split: 'part' };
    const { examples } = await readDataset(folder, { columns });
    expect(examples).toMatchObject([{ captions: ['A chair', 'A red chair'], split: 'test' }]);
    await expect(readDataset(folder)).rejects.toThrow(/column for the image.*sku, photo, title/);
    await expect(readDataset(folder, { columns: { ...columns, split: 'fold' } })).rejects.toThrow(/fold/);
  });

  it('counts empty captions, and names a line that is not one', async () => {
    await writeText(join(folder, 'a.csv'), 'image,caption\na.jpg,\na.jpg,words\n');
    await writePhoto(join(folder, 'a.jpg'));
    expect((await readDataset(folder)).dropped).toEqual([{ id: 'a.jpg', reason: 'empty caption' }]);
    await writeText(join(folder, 'b.jsonl'), '{"image":"a.jpg","caption":"words"}\n\n{"image":\n');
    await expect(readDataset(join(folder, 'b.jsonl'))).rejects.toThrow(/line 3/);
  });
});

describe('JSON files of other formats', () => {
  it('are told apart by how they begin, whatever they are called', async () => {
    await writePhoto(join(folder, 'a.jpg'));
    const karpathy = { images: [{ filename: 'a.jpg', sentences: [{ raw: 'words' }] }] };
    const files = {
      'one.json': ['karpathy', JSON.stringify(karpathy)],
      'two.json': ['neuraltalk2', JSON.stringify([{ file_path: 'a.jpg', captions: ['words'] }])],
      'three.json': ['coco', coco([{ id: 1, file_name: 'a.jpg' }], [{ image_id: 1, caption: 'words' }])],
    };
    for (const [name, [format, content = '']] of Object.entries(files)) {
      await writeText(join(folder, name), content);
      const dataset = await readDataset(join(folder, name));
      expect(dataset).toMatchObject({ format, examples: [{ captions: ['words'] }] });
    }
  });
});

describe("Hugging Face's ImageFolder", () => {
  it('knows the split from the folder of the image, and reads data/', async () => {
    const rows = 'file_name,text\ntrain/a.jpg,one\ntest/b.jpg,two\nvalidation/c.jpg,three\n';
    await writeText(join(folder, 'data/metadata.csv'), rows);
    for (const name of ['train/a.jpg', 'test/b.jpg', 'validation/c.jpg'])
      await writePhoto(join(folder, 'data', name));
    const { format, examples } = await readDataset(folder);
    expect(format).toBe('imagefolder');
    expect(examples.map(({ split }) => split)).toEqual(['train', 'test', 'dev']);
  });
});

describe('WebDataset shards', () => {
  const write = async (name: string, entries: readonly (readonly [string, string | Buffer])[]) => {
    const archive = pack();
    for (const [entry, content] of entries) archive.entry({ name: entry }, content);
    archive.entry({ name: 'link.jpg', type: 'symlink', linkname: '/etc/hostname' });
    archive.finalize();
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), await buffer(archive));
  };

  it('reads images from within, also those with long names and in folders', async () => {
    const long = `${'x'.repeat(150)}/é`;
    const [one, two] = await Promise.all([photoBytes('one'), photoBytes('two')]);
    await write('coco-val-00000.tar', [
      ['a.png', one],
      ['a.txt', 'a line\nanother'],
      ['a.json', '{"caption": "not this"}'],
      ['a.seg.png', two],
      [`${long}.JPG`, two],
      [`${long}.json`, '{"caption": "a picture"}'],
      ['bad.jpg', one],
      ['bad.json', '{'],
    ]);
    const { examples, dropped } = await readDataset(folder);
    expect(examples).toMatchObject([
      { id: 'coco-val-00000/a', captions: ['a line', 'another'], split: 'dev' },
      { id: `coco-val-00000/${long}`, captions: ['a picture'] },
    ]);
    expect(dropped).toEqual([{ id: 'coco-val-00000/bad', reason: 'no captions' }]);
    const read = await Promise.all(examples.map(({ image }) => readImage(image)));
    expect(read.map((bytes, index) => Buffer.compare(bytes, [one, two][index]!))).toEqual([0, 0]);
  });

  it('keeps the pictures of shards that are called the same in the folders of the splits', async () => {
    for (const split of ['train', 'val']) {
      await write(`${split}/00000.tar`, [
        ['000000000.jpg', await photoBytes(split)],
        ['000000000.txt', `in ${split}`],
      ]);
    }
    const { examples, dropped } = await readDataset(folder);
    expect(dropped).toEqual([]);
    expect(examples).toMatchObject([
      { id: 'train/00000/000000000', captions: ['in train'], split: 'train' },
      { id: 'val/00000/000000000', captions: ['in val'], split: 'dev' },
    ]);
  });

  it.each([
    ['text-folder', 'b.txt', 'two'],
    ['table', 'photos.csv', 'image,caption\na.jpg,one\nb.jpg,two\n'],
    [
      'neuraltalk2',
      'raw.json',
      '[{"file_path":"a.jpg","captions":["one"]},{"file_path":"b.jpg","captions":["two"]}]',
    ],
  ])('do not hide a data set of the format %s that a tar lies in', async (format, name, content) => {
    await write('backup.tar', [
      ['old.jpg', await photoBytes('old')],
      ['old.txt', 'old'],
    ]);
    for (const photo of ['a.jpg', 'b.jpg']) await writePhoto(join(folder, photo));
    if (format === 'text-folder') await writeText(join(folder, 'a.txt'), 'one');
    await writeText(join(folder, name), content);
    const dataset = await readDataset(folder);
    expect(dataset.format).toBe(format);
    expect(dataset.examples.map(({ captions }) => captions)).toEqual([['one'], ['two']]);
  });

  it('names a shard that was cut off', async () => {
    await write('a.tar', [['a.jpg', await photoBytes('a')]]);
    const whole = await readFile(join(folder, 'a.tar'));
    await writeFile(join(folder, 'a.tar'), whole.subarray(0, 600));
    await expect(readDataset(folder)).rejects.toThrow(/complete tar archive.*a\.tar/);
  });
});
