#!/usr/bin/env node
/**
 * Makes a data set of coloured shapes with captions from a small grammar, as a folder of images and texts:
 *
 *   node datasets/make-shapes.mjs --out shapes [--images 2000] [--seed 1]
 *
 *   caption    = object [relation object] "on" background
 *   object     = "a" size colour shape
 *   relation   = "above" | "below" | "beside"
 *
 * Of two objects one is large and one small, of another colour and shape, and the large one is named first: so the caption
 * follows from the picture, word for word, and exact match is a fair measure. About a sixth of the captions in dev and test occur nowhere in train.
 * A mirrored picture keeps its caption. Same seed, same files.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

/** Width and height of a picture, in pixels. */
export const SIDE = 64;

/** Half of an object's width, in pixels: from, to. Far enough apart that no object could be either. */
const SIZES = { small: [8, 9], large: [14, 15.5] };
const COLOURS = {
  red: [220, 40, 40],
  green: [40, 170, 60],
  blue: [50, 80, 220],
  yellow: [235, 205, 40],
  purple: [160, 60, 190],
};
const BACKGROUNDS = { white: [240, 240, 240], black: [20, 20, 20] };
/** How far each channel of a colour may be from the colour above. */
const COLOUR_JITTER = 15;
/** Whether a point lies in the shape, whose bounding box is -1 … 1. Told apart by any corner or by the middle. */
const SHAPES = {
  square: (/** @type {number} */ x, /** @type {number} */ y) => Math.abs(x) <= 0.9 && Math.abs(y) <= 0.9,
  ring: (/** @type {number} */ x, /** @type {number} */ y) => x * x + y * y <= 1 && x * x + y * y >= 0.38,
  cross: (/** @type {number} */ x, /** @type {number} */ y) =>
    Math.max(Math.abs(x), Math.abs(y)) <= 1 && Math.min(Math.abs(x), Math.abs(y)) <= 0.3,
};
const SHARE_OF_PAIRS = 0.7;
/** Pixels between two objects, and between an object and the picture's edge. */
const GAP = 2;
/** How far one object may be aside of another that it is above or beside: of their distance. */
const SLANT = 0.4;
/** Each pixel is drawn as this many points squared, so that edges are smooth. */
const POINTS = 3;

/** A seeded generator of numbers in [0, 1): mulberry32, as `src/random.ts` has it, which needs a build to run. */
export function generator(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A picture with its caption. @param {() => number} random @returns {import('./make-shapes.mjs').ShapesPicture} */
export function makePicture(random) {
  const background = pick(Object.keys(BACKGROUNDS), random);
  const objects =
    random() < SHARE_OF_PAIRS ? makePair(random) : [makeObject(pick(Object.keys(SIZES), random), random)];
  const relation = place(objects, random);
  const [first, second] = objects.map(({ size, colour, shape }) => `a ${size} ${colour} ${shape}`);
  const caption = `${second === undefined ? first : `${first} ${relation} ${second}`} on ${background}`;
  return { pixels: draw(objects, jitter(BACKGROUNDS[background], random)), caption };
}

/** A large object and a small one that share neither colour nor shape. */
function makePair(random) {
  const large = makeObject('large', random);
  for (;;) {
    const small = makeObject('small', random);
    if (small.colour !== large.colour && small.shape !== large.shape) return [large, small];
  }
}

function makeObject(size, random) {
  const colour = pick(Object.keys(COLOURS), random);
  const shape = pick(Object.keys(SHAPES), random);
  const [from, to] = SIZES[size];
  const half = from + (to - from) * random();
  return { size, colour, shape, half, rgb: jitter(COLOURS[colour], random), x: 0, y: 0 };
}

/** Puts the objects where they do not touch; returns how the first lies to the second. */
function place(objects, random) {
  for (;;) {
    for (const object of objects) {
      const room = SIDE / 2 - object.half - GAP;
      object.x = SIDE / 2 + room * (2 * random() - 1);
      object.y = SIDE / 2 + room * (2 * random() - 1);
    }
    const [first, second] = objects;
    if (second === undefined) return '';
    const across = second.x - first.x;
    const down = second.y - first.y;
    const apart = first.half + second.half + GAP;
    if (Math.abs(down) >= apart && Math.abs(across) <= Math.abs(down) * SLANT)
      return down > 0 ? 'above' : 'below';
    if (Math.abs(across) >= apart && Math.abs(down) <= Math.abs(across) * SLANT) return 'beside';
  }
}

/** @returns RGB, `[SIDE, SIDE, 3]`. */
function draw(objects, background) {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < pixels.length; i += 3) pixels.set(background, i);
  for (const { x, y, half, shape, rgb } of objects) {
    for (let row = Math.floor(y - half); row <= y + half; row++) {
      for (let column = Math.floor(x - half); column <= x + half; column++) {
        let covered = 0;
        for (let point = 0; point < POINTS * POINTS; point++) {
          const px = column + ((point % POINTS) + 0.5) / POINTS;
          const py = row + (Math.floor(point / POINTS) + 0.5) / POINTS;
          if (SHAPES[shape]((px - x) / half, (py - y) / half)) covered++;
        }
        const share = covered / (POINTS * POINTS);
        const at = (row * SIDE + column) * 3;
        for (let channel = 0; channel < 3; channel++) {
          pixels[at + channel] = Math.round(pixels[at + channel] * (1 - share) + rgb[channel] * share);
        }
      }
    }
  }
  return pixels;
}

function pick(items, random) {
  return items[Math.floor(random() * items.length)];
}

function jitter(rgb, random) {
  return rgb.map((value) => Math.round(value + COLOUR_JITTER * (2 * random() - 1)));
}

/**
 * Writes `train/`, `dev/` and `test/`, each of `00000.png`, `00000.txt`, …; the first pictures of a larger data set are
 * those of a smaller one. @param {import('./make-shapes.mjs').ShapesOptions} options
 */
export async function writeShapes({ out, images = 2000, seed = 1 }) {
  const held = Math.max(1, Math.round(images / 10));
  for (const [index, [split, count]] of Object.entries({ train: images, dev: held, test: held }).entries()) {
    const folder = join(out, split);
    await mkdir(folder, { recursive: true });
    const random = generator(Math.imul(seed, 0x9e3779b1) + index);
    for (let from = 0; from < count; from += 32) {
      const numbers = Array.from({ length: Math.min(32, count - from) }, (_, i) => from + i);
      await Promise.all(numbers.map((number) => writePicture(folder, number, makePicture(random))));
    }
  }
}

async function writePicture(folder, number, { pixels, caption }) {
  const path = join(folder, String(number).padStart(5, '0'));
  await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toFile(`${path}.png`);
  await writeFile(`${path}.txt`, `${caption}\n`);
}

/** A whole number from the command line. */
function wholeNumber(name, text, minimum) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= minimum) return number;
  console.error(`--${name} takes a whole number from ${minimum} on, not ${text}`);
  process.exit(2);
}

async function main() {
  const string = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({ options: { out: string, images: string, seed: string } });
  if (values.out === undefined) {
    console.error('usage: node datasets/make-shapes.mjs --out FOLDER [--images 2000] [--seed 1]');
    process.exit(2);
  }
  const images = wholeNumber('images', values.images ?? '2000', 1);
  const seed = wholeNumber('seed', values.seed ?? '1', 0);
  await writeShapes({ out: values.out, images, seed });
  console.error(
    `${images} pictures to train on and a tenth as many for dev and for test: ${resolve(values.out)}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
