import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionOptions, CaptionRow, ImageSource } from '../../src/captioner/index.js';
import { type Captioner, loadCaptioner } from '../../src/captioner/index.js';
import { type BatchImage, SharedBatches } from '../../src/jobs/shared-batches.js';
import { pictures } from '../fixtures/images.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

/** A captioner whose batches end when the test says so. */
class StepByStep {
  readonly model = 'steps';
  readonly batches: string[][] = [];
  private finish: (() => void)[] = [];

  captionAll(images: AsyncIterable<ImageSource>, options: CaptionOptions = {}): AsyncGenerator<CaptionRow> {
    if (options.beamWidth === 0) throw new RangeError('beamWidth');
    return this.run(images, options);
  }

  /** Lets the first batch under way end. */
  async end(): Promise<void> {
    await until(() => this.finish.length > 0);
    this.finish.shift()?.();
  }

  private async *run(
    images: AsyncIterable<ImageSource>,
    options: CaptionOptions,
  ): AsyncGenerator<CaptionRow> {
    const iterator = images[Symbol.asyncIterator]();
    let next = iterator.next();
    for (;;) {
      const batch: string[] = [];
      let came = await next;
      for (; !came.done; came = (await settled(next)) ?? came) {
        batch.push(String(came.value));
        next = iterator.next();
        if (batch.length === options.batchSize || (await settled(next)) === undefined) break;
      }
      if (batch.length === 0) return;
      options.onBatch?.(batch.length);
      this.batches.push(batch);
      await new Promise<void>((resolve) => {
        this.finish.push(resolve);
      });
      if (batch.includes('crash')) throw new Error('crash');
      for (const image of batch) {
        yield { image, caption: image, confidence: 1, captions: [], model: this.model } as CaptionRow;
      }
    }
  }
}

async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function named(...names: string[]): BatchImage[] {
  return names.map((name) => ({ name: `${name}!`, open: () => name }));
}

const names = (rows: readonly CaptionRow[]) => rows.map(({ image }) => image);

describe('images of callers that know nothing of each other', () => {
  it('share batches: what waits when the network is free, and nothing waits for more', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner);
    const first = batches.caption(named('a'));
    await until(() => captioner.batches.length === 1);
    const others = ['b', 'c', 'd'].map((name) => batches.caption(named(name)));
    expect(batches.counts).toEqual({ batches: 1, images: 1, waiting: 4 });
    await captioner.end();
    await captioner.end();
    expect(names((await Promise.all([first, ...others])).flat())).toEqual(['a!', 'b!', 'c!', 'd!']);
    expect(captioner.batches).toEqual([['a'], ['b', 'c', 'd']]);
    expect(batches.counts).toEqual({ batches: 2, images: 4, waiting: 0 });
  });

  it('take turns, so that one image need not wait for a thousand', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner, { batchSize: 2 });
    const many = batches.caption(named('1', '2', '3', '4', '5', '6', '7', '8'));
    await until(() => captioner.batches.length === 1);
    const one = batches.caption(named('one'));
    for (let batch = 0; batch < 5; batch++) await captioner.end();
    await Promise.all([many, one]);
    expect(captioner.batches.findIndex((batch) => batch.includes('one'))).toBeLessThanOrEqual(2);
  });

  it('get their rows in order and as they are made, an image that cannot be had among them', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner, { batchSize: 2 });
    const seen: string[] = [];
    const [a, b, c, d] = named('a', 'b', 'c', 'd') as [BatchImage, BatchImage, BatchImage, BatchImage];
    const broken = { ...b, open: () => Promise.reject(new Error('gone')) };
    const all = batches.caption([a, broken, c, d], {
      onRow: (row, index) => seen.push(`${index} ${row.image}`),
    });
    await captioner.end();
    await until(() => seen.length === 3);
    expect(seen).toEqual(['0 a!', '1 b!', '2 c!']);
    await captioner.end();
    expect((await all)[1]).toMatchObject({ image: 'b!', error: { code: 'INTERNAL' } });
    expect(seen).toHaveLength(4);
  });

  it('share none where their options differ, and every set of options has its turn', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner, { batchSize: 1 });
    const all = [1, 2, 3].map((top) =>
      batches.caption(named(`${top}a`, `${top}b`, `${top}c`, `${top}d`), { options: { top } }),
    );
    const same = batches.caption(named('1e'), { options: { top: 1 } });
    for (let batch = 0; batch < 13; batch++) await captioner.end();
    await Promise.all([...all, same]);
    const order = captioner.batches.map(([image]) => image?.[0]);
    expect(order.indexOf('3')).toBeLessThan(order.lastIndexOf('1'));
  });
});

describe('a caller that fails', () => {
  it('harms no other: one that leaves takes back what waits', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner, { batchSize: 1 });
    const leaving = new AbortController();
    let opened = 0;
    let closed = 0;
    const images = named('a', 'b', 'c', 'd', 'e').map(({ name }) => ({
      name,
      open: () => {
        opened++;
        return name;
      },
      close: () => closed++,
    }));
    const gone = batches.caption(images, { signal: leaving.signal });
    const stays = batches.caption(named('x'));
    await until(() => captioner.batches.length === 1);
    leaving.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    for (let batch = 0; batch < 3; batch++) await captioner.end();
    expect(names(await stays)).toEqual(['x!']);
    expect(captioner.batches.flat()).not.toContain('e!');
    expect(batches.counts.waiting).toBe(0);
    expect(closed).toBe(opened);
  });

  it('is told of options that do not fit before anything is done', async () => {
    const batches = new SharedBatches(new StepByStep());
    await expect(batches.caption(named('a'), { options: { beamWidth: 0 } })).rejects.toThrow('beamWidth');
    expect(batches.counts.waiting).toBe(0);
  });

  it('is told when too many images wait, and the others go on', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner, { mostWaiting: 2 });
    const two = batches.caption(named('a', 'b'));
    await expect(batches.caption(named('c'))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await captioner.end();
    expect(await two).toHaveLength(2);
    const three = batches.caption(named('c'));
    await captioner.end();
    expect(await three).toHaveLength(1);
  });

  it('hears of a failure of the captioner, after which it works again', async () => {
    const captioner = new StepByStep();
    const batches = new SharedBatches(captioner);
    const crashing = batches.caption(named('crash'));
    await captioner.end();
    await expect(crashing).rejects.toThrow('crash');
    const next = batches.caption(named('a'));
    await captioner.end();
    expect(names(await next)).toEqual(['a!']);
  });
});

describe('with a model', () => {
  let folder: string;
  let captioner: Captioner;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-batches-'));
    await writeTinyBundle(folder);
    captioner = await loadCaptioner(folder, { threads: 1 });
  });
  afterAll(async () => {
    await captioner.close();
    await rm(folder, { recursive: true });
  });

  it('gives what the captioner gives, whoever asks beside', async () => {
    const photos = await Promise.all(Object.values(pictures).map((make) => make()));
    const expected = (await captioner.caption(photos)).map((row) =>
      'error' in row ? row.error.code : row.caption,
    );
    const batches = new SharedBatches(captioner, { batchSize: 4 });
    const images = photos.map((bytes, index) => ({ name: `${index}`, open: () => bytes }));
    const callers = await Promise.all([1, 2, 3].map(() => batches.caption(images)));
    for (const rows of callers) {
      expect(rows.map((row) => ('error' in row ? row.error.code : row.caption))).toEqual(expected);
      expect(names(rows)).toEqual(photos.map((_, index) => `${index}`));
    }
    expect(batches.counts.images).toBe(3 * photos.length);
    expect(batches.counts.batches).toBeLessThan(photos.length + 3);
  });
});
