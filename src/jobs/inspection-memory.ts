import type { ErrorCode } from '../errors.js';
import { fileOf } from '../images/index.js';
import type { ImageInspection } from '../prepare/index.js';
import type { RedisConnection } from './redis-connection.js';
import { fileIdentity, sha256 } from './row-memory.js';

/** What may be otherwise another time, though the file is the same. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'IMAGE_NOT_FOUND',
  'IMAGE_UNREADABLE',
  'INTERNAL',
  'OUT_OF_MEMORY',
]);

/**
 * Keeps in Redis for a while what was found of images that are looked at together, by their paths, sizes and times of change: what
 * is done again after a crash, or asked for twice, costs a look at each file's entry.
 */
export class InspectionMemory {
  /** @param seconds how long it is kept. */
  constructor(
    private readonly connection: RedisConnection,
    private readonly seconds: number,
  ) {}

  /** What is remembered of the images; else what is found now, which is kept. */
  async remembering(
    images: readonly string[],
    inspect: () => Promise<ImageInspection[]>,
  ): Promise<readonly ImageInspection[]> {
    const { redis } = this.connection;
    const identities = await Promise.all(images.map((image) => fileIdentity(fileOf(image))));
    const key = `legenda:inspections:${sha256(JSON.stringify([images, identities]))}`;
    // Without memory the work is done again: no reason to fail.
    const found = await redis.get(key).catch(() => null);
    if (found !== null) return JSON.parse(found) as ImageInspection[];
    const inspections = await inspect();
    if (!inspections.some((inspection) => 'code' in inspection && PASSING.has(inspection.code))) {
      redis.set(key, JSON.stringify(inspections), { EX: this.seconds }).catch(() => {});
    }
    return inspections;
  }
}
