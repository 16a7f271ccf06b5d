import { LegendaError } from '../errors.js';

/** Lets in only so many bytes of bodies at once, so that many large requests together cannot fill the memory. */
export class Admission {
  private underWay = 0;

  constructor(private readonly most: number) {}

  /** Takes room for a body. @returns what gives it back. @throws `OVERLOADED`. */
  enter(bytes: number): () => void {
    if (this.underWay + bytes > this.most) {
      throw new LegendaError('OVERLOADED', { advice: 'come again in a second' });
    }
    this.underWay += bytes;
    let inside = true;
    return () => {
      if (inside) this.underWay -= bytes;
      inside = false;
    };
  }
}
