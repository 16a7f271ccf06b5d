import { type DecodeOptions, decodeImage, mirror } from '../images/index.js';
import { Random } from '../random.js';
import { readAugmented } from './augmented-pictures.js';
import type { TrainingImage } from './training-images.js';

/** A picture as an encoder that no longer moves looks at it once. */
export interface Look {
  /** The picture's number. */
  readonly image: number;
  /** 0 as it is; 1 mirrored or, with views, from 1 on augmented. */
  readonly look: number;
}

/**
 * The looks at pictures that are kept: one of those that only judge, several of those to learn from, which are drawn from. Without views
 * those are the picture and its mirror image; with them the picture and so many augmented ones, always the same for a seed.
 */
export class Looks {
  /** Of each picture to learn from. */
  readonly count: number;

  /** @param paths of all pictures: those to learn from first. */
  constructor(
    private readonly paths: readonly string[],
    private readonly training: readonly TrainingImage[],
    private readonly size: DecodeOptions,
    private readonly views: number,
    private readonly seed: number,
  ) {
    this.count = views === 0 ? 2 : 1 + views;
  }

  /** What tells them from looks of another kind at the same pictures, or in other places. */
  get kind(): string {
    const drawn = this.views === 0 ? 'mirrored' : `${this.views} views ${this.seed}`;
    return `${this.size.fit} ${drawn} ${this.training.length}`;
  }

  /** How many there are of all pictures. */
  get total(): number {
    return this.count * this.training.length + this.paths.length - this.training.length;
  }

  /** The number of a look among all. */
  placeOf({ image, look }: Look): number {
    const learnt = this.training.length;
    return image < learnt ? image * this.count + look : learnt * this.count + image - learnt;
  }

  /** The look with this number. */
  at(place: number): Look {
    const learnt = this.training.length;
    if (place >= learnt * this.count) return { image: place - learnt * (this.count - 1), look: 0 };
    return { image: Math.floor(place / this.count), look: place % this.count };
  }

  /** One of a picture's looks, all equally likely; never a mirror image where captions tell left from right. */
  draw(image: number, random: Random): Look {
    if (this.views > 0) return { image, look: random.integer(this.count) };
    const mirrored = this.training[image]?.mirrorable === true && random.uniform() < 0.5;
    return { image, look: mirrored ? 1 : 0 };
  }

  /** RGB, `[height, width, 3]`. */
  async pixels({ image, look }: Look): Promise<Uint8Array> {
    const { width, height } = this.size;
    if (look > 0 && this.views > 0) {
      const [pixels] = await readAugmented(
        [this.training[image]!],
        this.size,
        Random.of(this.seed, image, look),
      );
      return pixels as Uint8Array;
    }
    const { pixels } = await decodeImage(this.paths[image] as string, this.size);
    return look === 0 ? pixels : mirror(pixels, width, height);
  }
}
