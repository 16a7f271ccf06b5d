import type { CaptionedRow } from '../captioner/index.js';
import type { Example } from '../datasets/index.js';
import type { ImageMetrics } from '../metrics/index.js';
import { Random } from '../random.js';

/** An image with its caption and how good that is. */
export interface ScoredImage {
  readonly row: CaptionedRow;
  readonly example: Example;
  readonly scores: ImageMetrics;
}

export interface ChosenImages {
  /** Best first. */
  readonly best: readonly ScoredImage[];
  /** Worst first; none of the best. */
  readonly worst: readonly ScoredImage[];
  /** The same in every run; some may be of the best or the worst. */
  readonly random: readonly ScoredImage[];
}

/** Images to show of each kind. */
const SHOWN = 10;

/** The images to look at, by CIDEr-D and then by METEOR. */
export function chooseImages(images: readonly ScoredImage[]): ChosenImages {
  const sorted = images.toSorted(
    (a, b) => b.scores.ciderD - a.scores.ciderD || b.scores.meteor - a.scores.meteor,
  );
  const best = sorted.slice(0, Math.min(SHOWN, Math.ceil(images.length / 2)));
  const worst = sorted.slice(best.length).reverse().slice(0, SHOWN);
  return { best, worst, random: new Random(1).shuffle([...images]).slice(0, SHOWN) };
}
