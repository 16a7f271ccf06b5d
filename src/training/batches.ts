import { Random } from '../random.js';

/** What has captions to learn from: a picture, or the captions of one that is not here. */
export interface Captioned {
  /** Each `[START, …, END]`. */
  readonly captions: readonly (readonly number[])[];
}

/** Images of one step: their indices, and which of their captions. */
export interface PlannedBatch {
  readonly images: readonly number[];
  readonly captions: readonly (readonly (readonly number[])[])[];
}

/** Batches whose images are sorted by length together before they are cut apart. */
const WINDOW = 16;

/**
 * The batches of one epoch, the same for the same seed and epoch: all images once, shuffled, then images of like caption
 * length put together (a batch costs as much as its longest caption), then the batches shuffled.
 */
export function planEpoch(
  images: readonly Captioned[],
  batchSize: number,
  captionsPerImage: number,
  seed: number,
  epoch: number,
): PlannedBatch[] {
  const random = Random.of(seed, epoch);
  const order = random.shuffle(images.map((_, index) => index));
  const drawn = new Map(
    order.map((index) => [index, draw(images[index]?.captions ?? [], captionsPerImage, random)]),
  );
  const longest = (index: number) => Math.max(0, ...(drawn.get(index) ?? []).map(({ length }) => length));
  const batches: PlannedBatch[] = [];
  for (let start = 0; start < order.length; start += WINDOW * batchSize) {
    const window = order.slice(start, start + WINDOW * batchSize).sort((a, b) => longest(a) - longest(b));
    for (let first = 0; first < window.length; first += batchSize) {
      const members = window.slice(first, first + batchSize);
      batches.push({ images: members, captions: members.map((index) => drawn.get(index) ?? []) });
    }
  }
  return random.shuffle(batches);
}

function draw<T>(items: readonly T[], most: number, random: Random): readonly T[] {
  return items.length <= most ? items : random.shuffle([...items]).slice(0, most);
}
