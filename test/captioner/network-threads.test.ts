import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CaptionRow, loadCaptioner } from '../../src/captioner/index.js';
import { NetworkThread } from '../../src/captioner/network-thread.js';
import { writeBlockPhoto } from '../support/block-photo.js';
import { TINY_TAGS, writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
let model: string;
let photos: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-threads-'));
  model = join(folder, 'model');
  await writeTinyBundle(model, { tags: TINY_TAGS, configuration: { tags: 2 } });
  photos = await Promise.all(Array.from({ length: 13 }, (_, seed) => writeBlockPhoto(folder, seed)));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Ends the next thread that is told this, in place of telling it. */
function crashOn(kind: string): void {
  const { postMessage } = Worker.prototype;
  let crashed = false;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, order, moved) {
    if (!crashed && (order as { kind: string }).kind === kind) {
      crashed = true;
      void this.terminate();
    } else postMessage.call(this, order, moved);
  });
}

describe('a captioner on several threads', () => {
  it('writes what it writes on one, in the same order', async () => {
    const images = [...photos.slice(0, 5), join(folder, 'missing.jpg'), ...photos.slice(5)];
    const rows: CaptionRow[][] = [];
    for (const threads of [1, 2, 3]) {
      const captioner = await loadCaptioner(model, { threads });
      rows.push(await captioner.caption(images, { batchSize: 2, attention: true, evidence: true, top: 2 }));
      rows.push(await captioner.caption(images, { batchSize: 2, method: 'sample', seed: 3 }));
      rows.push(await captioner.caption(images, { batchSize: 2, nameTags: 0.1 }));
      await captioner.close();
    }
    const [searched, sampled, named, ...others] = rows;
    expect(searched?.map(({ image }) => image)).toEqual(images);
    expect(searched?.[5]).toMatchObject({ error: { code: 'IMAGE_NOT_FOUND' } });
    expect(others).toEqual([searched, sampled, named, searched, sampled, named]);
  });

  it('says that a thread has ended, and captions on with another', async () => {
    const captioner = await loadCaptioner(model, { threads: 2 });
    crashOn('see');
    await expect(captioner.caption(photos, { batchSize: 2 })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await captioner.caption(photos, { batchSize: 2 })).toHaveLength(13);
    await captioner.close();
  });

  it('captions a single photo after its only thread has ended', async () => {
    const captioner = await loadCaptioner(model, { threads: 2 });
    crashOn('see');
    const one = photos.slice(0, 1);
    await expect(captioner.caption(one)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await captioner.caption(one)).toMatchObject([{ image: photos[0], model: expect.any(String) }]);
    await captioner.close();
  });

  it('ends the batches under way before it closes', async () => {
    const captioner = await loadCaptioner(model, { threads: 2 });
    const sent = new Promise<void>((resolve) => {
      const { postMessage } = Worker.prototype;
      vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, order, moved) {
        postMessage.call(this, order, moved);
        if ((order as { kind: string }).kind === 'see') resolve();
      });
    });
    const rows = captioner.caption(photos.slice(0, 8), { batchSize: 8, beamWidth: 30 });
    await sent;
    await captioner.close();
    expect(await rows).toHaveLength(8);
  });

  it.each([
    ['its own', () => model],
    ['those of another model', () => join(folder, 'other')],
    ['those of a model that is not there', () => join(folder, 'missing')],
  ])('captions alike with a thread that has opened graphs ahead: %s', async (_, directory) => {
    await writeTinyBundle(join(folder, 'other'), { seed: 2 });
    const plain = await loadCaptioner(model, { threads: 2 });
    const rows = await plain.caption(photos);
    await plain.close();
    void NetworkThread.startAhead(directory());
    const ahead = await loadCaptioner(model, { threads: 2 });
    expect(await ahead.caption(photos)).toEqual(rows);
    await ahead.close();
  });

  it('captions with the model that is there, where another was there when its thread was started', async () => {
    const replaced = join(folder, 'replaced');
    const captionsNow = async () => {
      const captioner = await loadCaptioner(replaced, { threads: 2 });
      const rows = await captioner.caption(photos);
      await captioner.close();
      return rows;
    };
    await writeTinyBundle(replaced, { seed: 2 });
    const before = await captionsNow();
    await NetworkThread.startAhead(replaced);
    await rm(replaced, { recursive: true });
    await writeTinyBundle(replaced, { tags: TINY_TAGS, configuration: { tags: 2 } });
    const after = await captionsNow();
    expect(after).toEqual(await captionsNow());
    expect(after).not.toEqual(before);
  });

  it('says that a thread has ended while it started', async () => {
    crashOn('open');
    await expect(loadCaptioner(model, { threads: 2 })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('stops at once when its signal says so, and serves the next', async () => {
    const captioner = await loadCaptioner(model, { threads: 2 });
    const abort = new AbortController();
    const endless = async function* () {
      for (;;) yield* photos;
    };
    let received = 0;
    const run = async () => {
      for await (const _ of captioner.captionAll(endless(), { batchSize: 2, signal: abort.signal })) {
        if (++received === 5) abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(received).toBeLessThanOrEqual(6);
    expect(await captioner.caption(photos.slice(0, 3))).toHaveLength(3);
    await captioner.close();
  });

  it('refuses pictures once it is closed', async () => {
    const captioner = await loadCaptioner(model, { threads: 2 });
    await captioner.close();
    await expect(captioner.caption(photos)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('lets a program end that does not close it', async () => {
    const { href } = new URL('../../dist/index.js', import.meta.url);
    const program = `
      import { loadCaptioner } from '${href}';
      const captioner = await loadCaptioner(${JSON.stringify(model)}, { threads: 2 });
      const rows = await captioner.caption(${JSON.stringify(photos)}, { batchSize: 2 });
      console.log(rows.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('13\n');
  });

  it.each(['', 'missing'])(
    'lets a program end that starts a thread ahead and never fetches it: %s',
    async (other) => {
      const { href } = new URL('../../dist/captioner/network-thread.js', import.meta.url);
      const program = `
      import { NetworkThread } from '${href}';
      NetworkThread.startAhead(${JSON.stringify(join(model, other))});
      console.log('started');`;
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        timeout: 20_000,
      });
      expect((await run).stdout).toBe('started\n');
    },
  );

  it.each(['', 'missing'])(
    'keeps a program alive until it has closed one started ahead: %s',
    async (other) => {
      const { href } = new URL('../../dist/captioner/network-thread.js', import.meta.url);
      const program = `
      import { NetworkThread } from '${href}';
      void NetworkThread.startAhead(${JSON.stringify(join(model, other))});
      await NetworkThread.startedOrNew().close();
      console.log('closed');`;
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
      expect((await run).stdout).toBe('closed\n');
    },
  );

  it('lets a program exit while a thread loads its native libraries', async () => {
    const { href } = new URL('../../dist/captioner/network-thread.js', import.meta.url);
    const program = (ms: number) => `
      import { NetworkThread } from '${href}';
      void NetworkThread.startAhead(${JSON.stringify(model)});
      setTimeout(() => process.exit(7), ${ms});`;
    for (let ms = 30; ms < 150; ms += 8) {
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program(ms)]);
      await expect(run).rejects.toMatchObject({ code: 7, stderr: '' });
    }
  }, 30_000);

  it('lets a program exit in the middle of a batch', async () => {
    const { href } = new URL('../../dist/index.js', import.meta.url);
    const program = (ms: number) => `
      import { loadCaptioner } from '${href}';
      const captioner = await loadCaptioner(${JSON.stringify(model)}, { threads: 2 });
      const images = async function* () { for (;;) yield* ${JSON.stringify(photos)}; };
      let rows = 0;
      for await (const row of captioner.captionAll(images(), { beamWidth: 30 })) {
        if (++rows === 20) setTimeout(() => process.exit(7), ${ms});
      }`;
    for (let ms = 0; ms < 50; ms += 10) {
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program(ms)]);
      await expect(run).rejects.toMatchObject({ code: 7, stderr: '' });
    }
  });
});
