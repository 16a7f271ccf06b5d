/** Pixels a side of what a hash is made of. */
export const HASH_SIDE = 9;

/** Bits of where a picture brightens, then bytes of its colours: red, green and blue of each quarter. */
const GRADIENT_BYTES = 16;
const COLOURS = 12;

/**
 * What a picture looks like, as 56 hexadecimal digits: for 8×8 places whether it is brighter to the right, for as many
 * whether it is brighter below (N. Krawetz's difference hash, in both directions), and the mean colour of each quarter.
 * Resizing, compression and small cuts change little of it.
 * @param pixels RGB, `[9, 9, 3]`.
 */
export function perceptualHash(pixels: Uint8Array): string {
  const at = (y: number, x: number) => (y * HASH_SIDE + x) * 3;
  // Rec. 601 luma, ×1000.
  const luma = (y: number, x: number) => {
    const [r = 0, g = 0, b = 0] = pixels.subarray(at(y, x));
    return 299 * r + 587 * g + 114 * b;
  };
  const hash = Buffer.alloc(GRADIENT_BYTES + COLOURS);
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      if (luma(y, x + 1) > luma(y, x)) hash[y] = (hash[y] ?? 0) | (1 << x);
      if (luma(y + 1, x) > luma(y, x)) hash[8 + y] = (hash[8 + y] ?? 0) | (1 << x);
    }
  }
  for (let quarter = 0; quarter < 4; quarter++) {
    const top = quarter < 2 ? 0 : 5;
    const left = quarter % 2 === 0 ? 0 : 5;
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let y = top; y < top + 4; y++)
        for (let x = left; x < left + 4; x++) sum += pixels[at(y, x) + channel] ?? 0;
      hash[GRADIENT_BYTES + quarter * 3 + channel] = Math.round(sum / 16);
    }
  }
  return hash.toString('hex');
}

/** Hashes of many pictures, packed so that all can be compared with all. */
export class PackedHashes {
  private readonly gradients: Uint32Array;
  private readonly colours: Uint8Array;
  /** The mean of each picture's colours, 0 to 255. */
  readonly brightness: Float32Array;

  constructor(hashes: readonly string[]) {
    this.gradients = new Uint32Array(hashes.length * 4);
    this.colours = new Uint8Array(hashes.length * COLOURS);
    this.brightness = new Float32Array(hashes.length);
    hashes.forEach((hash, index) => {
      const bytes = Buffer.from(hash, 'hex');
      for (let word = 0; word < 4; word++) this.gradients[index * 4 + word] = bytes.readUInt32LE(word * 4);
      const colours = bytes.subarray(GRADIENT_BYTES);
      this.colours.set(colours, index * COLOURS);
      this.brightness[index] = colours.reduce((sum, colour) => sum + colour, 0) / COLOURS;
    });
  }

  /** Of 128 places, those where only one of two pictures brightens; where it is more than the limit, some number above it. */
  placesApart(a: number, b: number, limit: number): number {
    let apart = 0;
    for (let word = 0; word < 4 && apart <= limit; word++) {
      apart += bitsSet((this.gradients[a * 4 + word] as number) ^ (this.gradients[b * 4 + word] as number));
    }
    return apart;
  }

  /** Whether no quarter's colours differ by more than the limit, 0 to 255. */
  coloursWithin(a: number, b: number, limit: number): boolean {
    for (let index = 0; index < COLOURS; index++) {
      const one = this.colours[a * COLOURS + index] as number;
      const other = this.colours[b * COLOURS + index] as number;
      if (one - other > limit || other - one > limit) return false;
    }
    return true;
  }
}

/** H. S. Warren, "Hacker's Delight", figure 5-2. */
function bitsSet(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
