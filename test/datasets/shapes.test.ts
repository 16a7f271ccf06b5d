import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generator, makePicture, SIDE, writeShapes } from '../../datasets/make-shapes.mjs';
import { readDataset } from '../../src/datasets/index.js';
import { decodeImage } from '../../src/images/index.js';

const COLOURS = {
  red: [220, 40, 40],
  green: [40, 170, 60],
  blue: [50, 80, 220],
  yellow: [235, 205, 40],
  purple: [160, 60, 190],
  white: [240, 240, 240],
  black: [20, 20, 20],
};

function colourAt(pixels: Uint8Array, x: number, y: number): string {
  const at = (Math.round(y) * SIDE + Math.round(x)) * 3;
  const distance = (rgb: readonly number[]) =>
    Math.hypot(...rgb.map((value, c) => value - (pixels[at + c] ?? 0)));
  const [nearest] = Object.entries(COLOURS).sort(([, a], [, b]) => distance(a) - distance(b));
  return nearest?.[0] ?? '';
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The bounding boxes of what differs from the background: neighbouring pixels belong together. */
function boxesIn(pixels: Uint8Array): Box[] {
  const background = pixels.subarray(0, 3);
  const isBackground = (i: number) => background.every((value, c) => value === pixels[i * 3 + c]);
  const seen = new Set<number>();
  const boxes: Box[] = [];
  for (let start = 0; start < SIDE * SIDE; start++) {
    if (seen.has(start) || isBackground(start)) continue;
    const box = { left: SIDE, right: 0, top: SIDE, bottom: 0 };
    const open = [start];
    seen.add(start);
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const x = i % SIDE;
      const y = Math.floor(i / SIDE);
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
      for (const next of [i - 1, i + 1, i - SIDE, i + SIDE]) {
        if (next < 0 || next >= SIDE * SIDE || seen.has(next) || isBackground(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    boxes.push(box);
  }
  return boxes.sort((a, b) => b.right - b.left - (a.right - a.left));
}

/** Reads the caption off the pixels, by another way than they were drawn. */
function captionFrom(pixels: Uint8Array): string {
  const background = colourAt(pixels, 0, 0);
  const objects = boxesIn(pixels).map(({ left, right, top, bottom }) => {
    const [x, y, half] = [(left + right) / 2, (top + bottom) / 2, (right - left + 1) / 2];
    const middle = colourAt(pixels, x, y);
    const corner = colourAt(pixels, x + half * 0.7, y + half * 0.7);
    const shape = middle === background ? 'ring' : corner === background ? 'cross' : 'square';
    const colour = shape === 'ring' ? colourAt(pixels, x + half * 0.83, y) : middle;
    return { text: `a ${half > 11.3 ? 'large' : 'small'} ${colour} ${shape}`, x, y };
  });
  const [first, second] = objects;
  if (first === undefined) return '';
  if (second === undefined) return `${first.text} on ${background}`;
  const [across, down] = [second.x - first.x, second.y - first.y];
  const upright = Math.abs(down) > Math.abs(across);
  const relation = upright ? (down > 0 ? 'above' : 'below') : 'beside';
  return `${first.text} ${relation} ${second.text} on ${background}`;
}

describe('the shapes', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-shapes-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('show what their captions say, so that a perfect model is right every time', () => {
    const random = generator(5);
    for (let i = 0; i < 300; i++) {
      const { pixels, caption } = makePicture(random);
      expect(captionFrom(pixels)).toBe(caption);
    }
  });

  it('ask in the test split for captions that training never shows', async () => {
    await writeShapes({ out: folder, images: 1000, seed: 3 });
    const { examples } = await readDataset(folder);
    const captions = (split: string) => examples.filter((e) => e.split === split).map((e) => e.captions[0]);
    const known = new Set(captions('train'));
    const unseen = captions('test').filter((caption) => !known.has(caption));
    expect(unseen.length).toBeGreaterThan(10);
    expect(unseen.length).toBeLessThan(50);
  });

  it('come from the command line, the same for the same seed, and are read as a data set', async () => {
    const script = join(import.meta.dirname, '../../datasets/make-shapes.mjs');
    const make = (out: string, ...options: string[]) =>
      promisify(execFile)(process.execPath, [script, '--out', join(folder, out), ...options]);
    await make('a', '--images', '20', '--seed', '4');
    await make('b', '--images', '30', '--seed', '4');
    await make('c', '--images', '20', '--seed', '5');
    const file = (out: string) => readFile(join(folder, out, 'train/00019.png'));
    expect(await file('a')).toEqual(await file('b'));
    expect(await file('a')).not.toEqual(await file('c'));

    const { examples, dropped, format } = await readDataset(join(folder, 'a'));
    expect(format).toBe('text-folder');
    expect(dropped).toEqual([]);
    const count = (split: string) => examples.filter((example) => example.split === split).length;
    expect([count('train'), count('dev'), count('test')]).toEqual([20, 2, 2]);
    for (const { image, captions } of examples) {
      const { pixels } = await decodeImage(image, { width: SIDE, height: SIDE, fit: 'squash' });
      expect([captionFrom(pixels)]).toEqual(captions);
    }
    await expect(make('d', '--images', 'many')).rejects.toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual(['a', 'b', 'c']);
  });
});
