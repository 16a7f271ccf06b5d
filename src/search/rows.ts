import { START } from '../text/index.js';

/** Captions under way, one a row; the rows of an image are neighbours. Filled up to `count`. */
export class Rows {
  count = 0;
  readonly images: Int32Array;
  /** For each row, its row in the step before. */
  readonly parents: Int32Array;
  /** The token that each row wrote last. */
  readonly tokens: Int32Array;
  /** The log-probability of each row's caption. */
  readonly totals: Float64Array;
  /** What of `totals` is not the network's own; filled when the step is done. */
  readonly preferred: Float64Array;
  /** Which of its image's beams each row belongs to. */
  readonly beams: Int32Array;

  constructor(private readonly capacity: number) {
    this.images = new Int32Array(capacity);
    this.parents = new Int32Array(capacity);
    this.tokens = new Int32Array(capacity);
    this.totals = new Float64Array(capacity);
    this.preferred = new Float64Array(capacity);
    this.beams = new Int32Array(capacity);
  }

  /** One row an image, before its first word. */
  static first(imageCount: number): Rows {
    const rows = new Rows(imageCount);
    for (let image = 0; image < imageCount; image++) rows.add(image, image, START, 0, 0);
    return rows;
  }

  add(image: number, parent: number, token: number, total: number, beam: number): void {
    this.images[this.count] = image;
    this.parents[this.count] = parent;
    this.tokens[this.count] = token;
    this.totals[this.count] = total;
    this.beams[this.count] = beam;
    this.count++;
  }

  /** The same rows in arrays of just their number. */
  trimmed(): Rows {
    if (this.count === this.capacity) return this;
    const rows = new Rows(this.count);
    rows.images.set(this.images.subarray(0, this.count));
    rows.parents.set(this.parents.subarray(0, this.count));
    rows.tokens.set(this.tokens.subarray(0, this.count));
    rows.totals.set(this.totals.subarray(0, this.count));
    rows.beams.set(this.beams.subarray(0, this.count));
    rows.count = this.count;
    return rows;
  }

  /** Whether each row goes on from the row of its own number, of `count` before. */
  continueAll(count: number): boolean {
    return this.count === count && this.parents.every((parent, row) => parent === row);
  }
}
