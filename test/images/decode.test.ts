import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DecodedImage, decodeImage } from '../../src/images/decode.js';
import { CORNERS, failures, orientedJpeg, pictures } from '../fixtures/images.js';

const TARGET = { width: 24, height: 24, fit: 'squash' } as const;

function pixelAt(image: DecodedImage, x: number, y: number): number[] {
  const at = (y * image.width + x) * 3;
  return [...image.pixels.subarray(at, at + 3)];
}

/** CMYK and lossy formats shift colours; a wrong turn, channel order or frame is off by far more. */
function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [channel, value] of expected.entries()) {
    expect(Math.abs((actual[channel] ?? Number.NaN) - value), `${actual} for ${expected}`).toBeLessThan(
      tolerance,
    );
  }
}

function expectCorners(image: DecodedImage, tolerance = 20): void {
  const { width, height } = image;
  expect(image.pixels).toHaveLength(width * height * 3);
  expectNear(pixelAt(image, width >> 2, height >> 2), CORNERS.topLeft, tolerance);
  expectNear(pixelAt(image, (width * 3) >> 2, height >> 2), CORNERS.topRight, tolerance);
  expectNear(pixelAt(image, width >> 2, (height * 3) >> 2), CORNERS.bottomLeft, tolerance);
  expectNear(pixelAt(image, (width * 3) >> 2, (height * 3) >> 2), CORNERS.bottomRight, tolerance);
}

describe('decodeImage', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-decode-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(Object.keys(pictures))('sees what %s shows, as RGB', async (name) => {
    const bytes = await pictures[name]!();
    expectCorners(await decodeImage(bytes, TARGET), name === 'cmyk.jpg' ? 90 : 20);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('sets a photo of EXIF orientation %i upright', async (orientation) => {
    const bytes = await orientedJpeg(orientation);
    expectCorners(await decodeImage(bytes, TARGET));
    expectCorners(await decodeImage(bytes, { width: 48, height: 32, fit: 'centreCrop' }));
  });

  it('keeps the aspect when cropping and loses it when squashing', async () => {
    // A white square between black bars: cropping shows the square alone.
    const square = { create: { width: 40, height: 40, channels: 3, background: 'white' } } as const;
    const bars = { left: 40, right: 40, background: 'black' } as const;
    const bytes = await sharp(square).extend(bars).png().toBuffer();
    const cropped = await decodeImage(bytes, { width: 16, height: 16, fit: 'centreCrop' });
    for (const x of [2, 8, 13]) expectNear(pixelAt(cropped, x, 8), [255, 255, 255], 20);
    const squashed = await decodeImage(bytes, { width: 16, height: 16, fit: 'squash' });
    expect(pixelAt(squashed, 1, 8)).toEqual([0, 0, 0]);
    expectNear(pixelAt(squashed, 8, 8), [255, 255, 255], 20);
  });

  it('gives back the very pixels of a picture that already has the size', async () => {
    const pixels = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 31 + (i >> 8)) & 255);
    const bytes = await sharp(pixels, { raw: { width: 224, height: 224, channels: 3 } })
      .png()
      .toBuffer();
    for (const fit of ['squash', 'centreCrop'] as const) {
      const image = await decodeImage(bytes, { width: 224, height: 224, fit });
      expect(Buffer.compare(image.pixels, pixels)).toBe(0);
    }
  });

  it('lays transparent pixels on white, also in grey pictures and in 16 bits', async () => {
    const clear = { create: { width: 8, height: 8, channels: 4, background: '#00000000' } } as const;
    const files = [
      await sharp(clear).png().toBuffer(),
      await sharp(clear).webp({ lossless: true }).toBuffer(),
      await sharp(clear).toColourspace('b-w').png().toBuffer(),
      await sharp(clear).toColourspace('rgb16').png().toBuffer(),
      await sharp(clear).gif().toBuffer(),
    ];
    for (const bytes of files) {
      const { pixels } = await decodeImage(bytes, TARGET);
      expect([...new Set(pixels)]).toEqual([255]);
    }
  });

  it('gives grey pictures of 8 and of 16 bits three equal channels', async () => {
    const grey = { create: { width: 8, height: 8, channels: 3, background: '#808080' } } as const;
    for (const bytes of [
      await sharp(grey).toColourspace('b-w').jpeg().toBuffer(),
      await sharp(grey).toColourspace('grey16').png().toBuffer(),
      await sharp(grey).toColourspace('grey16').tiff().toBuffer(),
    ]) {
      const { pixels } = await decodeImage(bytes, TARGET);
      expect(pixels).toHaveLength(24 * 24 * 3);
      expectNear([...pixels], new Array<number>(pixels.length).fill(128), 3);
    }
  });

  it('enlarges a single pixel', async () => {
    const dot = { create: { width: 1, height: 1, channels: 3, background: '#0a6414' } } as const;
    const image = await decodeImage(await sharp(dot).png().toBuffer(), {
      width: 7,
      height: 5,
      fit: 'squash',
    });
    expect(pixelAt(image, 6, 4)).toEqual([10, 100, 20]);
  });

  it.each([
    [1, 30_000],
    [30_000, 1],
  ])('takes a picture of %i×%i', async (width, height) => {
    const line = { create: { width, height, channels: 3, background: 'white' } } as const;
    const bytes = await sharp(line).png().toBuffer();
    for (const fit of ['squash', 'centreCrop'] as const) {
      expect((await decodeImage(bytes, { ...TARGET, fit })).pixels[0]).toBe(255);
    }
  });

  it.each(Object.keys(failures))('names what is wrong with %s', async (name) => {
    const { code, make } = failures[name]!;
    const path = join(folder, name);
    await writeFile(path, await make());
    await expect(decodeImage(path, TARGET)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(path),
    });
  });

  it('says once, on one line, what the decoder says of a damaged picture again and again', async () => {
    const error = await decodeImage(await failures['truncated.avif']!.make(), TARGET).catch(
      (thrown: Error) => thrown,
    );
    const { message } = error as Error;
    expect(message.match(/bad seek/g)).toHaveLength(1);
    expect(message).toContain('Unexpected end of file');
    expect(message).not.toContain('\n');
  });

  it('tells someone who gives a drawing what to do', async () => {
    const drawing = await failures['drawing.png']!.make();
    await expect(decodeImage(drawing, TARGET)).rejects.toThrow(/SVG drawing.*save it as PNG/);
  });

  it('says how large the refused picture is, and takes the limit it is told', async () => {
    const bytes = await pictures['plain.png']!();
    await expect(decodeImage(bytes, { ...TARGET, pixelLimit: 48 * 32 - 1 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('48×32'),
    });
    expectCorners(await decodeImage(bytes, { ...TARGET, pixelLimit: 48 * 32 }));
  });

  it('tells a missing path from one that cannot be read', async () => {
    await writeFile(join(folder, 'file'), 'x');
    await expect(decodeImage(join(folder, 'none.jpg'), TARGET)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
    await expect(decodeImage(join(folder, 'file', 'a.jpg'), TARGET)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
    await expect(decodeImage(folder, TARGET)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    await expect(decodeImage('a\0.jpg', TARGET)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it('reads a path with brackets, which the image library takes for options', async () => {
    const path = join(folder, 'photo [1]');
    await writeFile(path, await pictures['plain.jpg']!());
    expectCorners(await decodeImage(path, TARGET));
  });

  it('forgives bytes after the end of the picture, as cameras leave them', async () => {
    const bytes = Buffer.concat([await pictures['plain.jpg']!(), Buffer.alloc(100, 1)]);
    expectCorners(await decodeImage(bytes, TARGET));
  });

  it('gives the same pixels for a file and for its bytes', async () => {
    const bytes = await pictures['plain.jpg']!();
    await writeFile(join(folder, 'same.jpg'), bytes);
    const read = await decodeImage(join(folder, 'same.jpg'), TARGET);
    expect(read).toEqual(await decodeImage(new Uint8Array(bytes), TARGET));
  });
});
