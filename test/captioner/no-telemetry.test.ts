import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyBundle } from '../support/tiny-bundle.js';

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-no-telemetry-'));
  await writeTinyBundle(join(folder, 'model'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a model as users do, with a new home. */
const OPEN = `
const { loadCaptioner } = await import(process.argv[1]);
const captioner = await loadCaptioner(process.argv[2], { threads: Number(process.argv[3]) });
await captioner.close();`;

it.each([1, 2])(
  'lets ONNX Runtime neither report its use nor number its user, on %d threads',
  async (threads) => {
    const home = join(folder, `home-${threads}`);
    await mkdir(home);
    const args = ['--input-type=module', '-e', OPEN, LIBRARY, join(folder, 'model'), `${threads}`];
    // Nothing else of this environment: ONNX Runtime is silent by itself in CI.
    const env = { PATH: process.env.PATH, HOME: home };
    const { stderr } = await promisify(execFile)(process.execPath, args, { env });
    expect(stderr).not.toMatch(/telemetry/i);
    expect(await readdir(home)).toEqual([]);
  },
);
