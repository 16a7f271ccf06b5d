import type { Finished } from './trace.js';

/** The best finished captions of an image, best first; of equals the one added first leads. */
export class Best {
  readonly list: Finished[] = [];
  /** How many were ever added. */
  added = 0;

  constructor(private readonly capacity: number) {}

  /** Whether a caption of this score would be kept. */
  accepts(score: number): boolean {
    return this.list.length < this.capacity || score > this.list[this.capacity - 1]!.score;
  }

  add(finished: Finished): void {
    this.added++;
    if (!this.accepts(finished.score)) return;
    const place = this.list.findIndex((kept) => kept.score < finished.score);
    this.list.splice(place === -1 ? this.list.length : place, 0, finished);
    this.list.length = Math.min(this.list.length, this.capacity);
  }
}
