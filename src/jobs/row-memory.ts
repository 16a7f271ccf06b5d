import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { CaptionRow, ImageSource } from '../captioner/index.js';
import type { JobOptions } from './contract.js';
import type { RedisConnection } from './redis-connection.js';
import type { BatchImage } from './shared-batches.js';

/**
 * Keeps rows in Redis for a while, by what they depend on: the image, the model and the options. What is done again after a crash,
 * or asked for twice, costs a look-up.
 */
export class RowMemory {
  /** @param seconds how long rows are kept. */
  constructor(
    private readonly connection: RedisConnection,
    private readonly seconds: number,
  ) {}

  /** The image, whose row is taken from memory if it is there, and kept when it is made. @param model what tells models apart. */
  remembering(image: BatchImage, model: string, options: JobOptions): BatchImage {
    let key: string | undefined;
    return {
      name: image.name,
      open: async (signal) => {
        const opened = await image.open(signal);
        if (typeof opened === 'object' && 'row' in opened) return opened;
        const asked = await keyOf(opened, model, options);
        const row = asked === undefined ? undefined : await this.find(asked);
        if (row !== undefined) return { row };
        key = asked;
        return opened;
      },
      close: (row) => {
        image.close?.(row);
        if (key !== undefined && row !== undefined && !('error' in row)) this.keep(key, row);
      },
    };
  }

  private async find(key: string): Promise<CaptionRow | undefined> {
    // Without memory the work is done again: no reason to fail.
    const found = await this.connection.redis.get(key).catch(() => null);
    return found === null ? undefined : (JSON.parse(found) as CaptionRow);
  }

  private keep(key: string, row: CaptionRow): void {
    this.connection.redis.set(key, JSON.stringify(row), { EX: this.seconds }).catch(() => {});
  }
}

/** Undefined for a file that cannot be looked at: its row will say why. */
async function keyOf(source: ImageSource, model: string, options: JobOptions): Promise<string | undefined> {
  const image = source instanceof Uint8Array ? sha256(source) : await fileIdentity(source);
  if (image === undefined) return undefined;
  return `legenda:row:${sha256(JSON.stringify([image, model, Object.entries(options).sort()]))}`;
}

/** What changes when the file does. */
export async function fileIdentity(source: Exclude<ImageSource, Uint8Array>): Promise<string | undefined> {
  const path = typeof source === 'string' ? source : source.path;
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status === undefined ? undefined : `${path}\0${status.mtimeNs}\0${status.size}`;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url');
}
