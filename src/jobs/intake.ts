import type { Worker } from 'bullmq';

/**
 * Keeps a worker from taking more jobs than it soon works on, however many images each has: others are to have the rest, and a
 * worker that dies is to hold little.
 */
export class Intake {
  /** Images whose rows are still to be made, by job. */
  private readonly left = new Map<string, number>();
  private total = 0;
  private shut = false;
  private closed = false;

  /** @param most takes no further job while so many images or more are left. */
  constructor(
    private readonly worker: Pick<Worker, 'pause' | 'resume'>,
    private readonly most: number,
  ) {}

  /** A job was taken. */
  took(id: string, images: number): void {
    this.change(id, images);
  }

  /** A row of a job was made. */
  made(id: string): void {
    const left = this.left.get(id) ?? 0;
    if (left > 0) this.change(id, left - 1);
  }

  /** A job is over, or given back. */
  over(id: string): void {
    this.change(id, 0);
    this.left.delete(id);
  }

  /** Takes no more, whatever is made. */
  close(): void {
    this.closed = true;
  }

  private change(id: string, left: number): void {
    this.total += left - (this.left.get(id) ?? 0);
    this.left.set(id, left);
    if (this.total >= this.most && !this.shut) {
      this.shut = true;
      // Takes effect at once; what is under way goes on.
      void this.worker.pause(true);
    } else if (this.total < this.most && this.shut && !this.closed) {
      this.shut = false;
      void this.worker.resume();
    }
  }
}
