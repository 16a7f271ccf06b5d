import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LegendaError } from '../errors.js';
import { fileOf } from '../images/index.js';
import { orUnwritable } from '../write-atomically.js';
import type { EncoderNetwork } from './network.js';

/** The smallest and largest value come before the bytes of each entry. */
const RANGE_BYTES = 8;

/**
 * Features of many images on disk, one byte a value: `value = low + byte / 255 · (high − low)`, with the range of each image
 * before it. Features after ReLU6 lose at most 0.012 so. Memory does not grow with the number of images.
 *
 * Entries are appended in their order; a file that was left incomplete is continued after its last complete one.
 */
export class FeatureCache {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** Values of one entry, `cells · channels`. */
    readonly size: number,
    /** Complete entries in the file. */
    private entries: number,
  ) {}

  /**
   * Opens the cache with that key in a folder, empty if there is none. Caches of other keys there, of other pictures or
   * another network, are removed: they are large, and nothing reads them again.
   * @param size values of an entry.
   */
  static async open(folder: string, key: string, size: number): Promise<FeatureCache> {
    const name = `${key}.features`;
    const path = join(folder, name);
    const file = await orUnwritable(path, async () => {
      await mkdir(folder, { recursive: true });
      for (const other of await readdir(folder)) {
        if (other !== name && /^[0-9a-f]{24}\.features$/.test(other)) await rm(join(folder, other));
      }
      return open(path, 'a+');
    });
    const { size: bytes } = await file.stat();
    const entries = Math.floor(bytes / (RANGE_BYTES + size));
    await file.truncate(entries * (RANGE_BYTES + size));
    return new FeatureCache(path, file, size, entries);
  }

  /** How many entries it holds. */
  get count(): number {
    return this.entries;
  }

  /** Adds entries. @throws `OUTPUT_UNWRITABLE` when the disk is full. */
  async append(values: readonly Float32Array[]): Promise<void> {
    const length = RANGE_BYTES + this.size;
    const bytes = Buffer.alloc(values.length * length);
    values.forEach((entry, index) => {
      writeEntry(bytes.subarray(index * length, (index + 1) * length), entry);
    });
    await this.file.appendFile(bytes).catch((cause: Error) => {
      throw new LegendaError('OUTPUT_UNWRITABLE', {
        expected: 'room for the features of all pictures',
        received: `${this.path}: ${cause.message}`,
        cause,
      });
    });
    this.entries += values.length;
  }

  /** Reads entries into one array, `[indices, size]`. */
  async read(indices: readonly number[]): Promise<Float32Array> {
    const length = RANGE_BYTES + this.size;
    const values = new Float32Array(indices.length * this.size);
    await Promise.all(
      indices.map(async (entry, position) => {
        const bytes = Buffer.allocUnsafe(length);
        await this.file.read(bytes, 0, length, entry * length);
        readEntry(bytes, values.subarray(position * this.size, (position + 1) * this.size));
      }),
    );
    return values;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * A name for the features of these images by this network: it changes with any weight or file.
 * @param kind how they are looked at.
 */
export async function featureKey(
  network: EncoderNetwork,
  images: readonly string[],
  kind: string,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([network.input, network.layers, network.feature, kind]));
  for (const { values } of network.weights.values()) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  for (const image of images) {
    const found = await stat(fileOf(image)).catch(() => undefined);
    hash.update(`${image}\n${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 24);
}

function writeEntry(bytes: Buffer, values: Float32Array): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  bytes.writeFloatLE(low, 0);
  bytes.writeFloatLE(high, 4);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < values.length; i++) {
    bytes[RANGE_BYTES + i] = Math.round(((values[i] as number) - low) * scale);
  }
}

function readEntry(bytes: Buffer, values: Float32Array): void {
  const low = bytes.readFloatLE(0);
  const scale = (bytes.readFloatLE(4) - low) / 255;
  for (let i = 0; i < values.length; i++) values[i] = low + (bytes[RANGE_BYTES + i] as number) * scale;
}
