// node scripts/bench/serve.mjs: how `legenda serve` holds up. Clients each send a small photo, wait for its caption, and send the
// next; then says how many were answered, how long that took, how large batches were, and what memory the server had.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePictures } from './pictures.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '60' },
    size: { type: 'string', default: '224' },
    photos: { type: 'string', default: join(root, 'examples', 'photos') },
  },
});
const [clients, seconds, size] = [values.clients, values.seconds, values.size].map(Number);
if (!clients || !seconds || !size) throw new Error('--clients, --seconds and --size are numbers above 0');

const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
const paths = await makePictures(values.photos, join(folder, 'pictures'), { width: size, height: size }, 64);
const forms = paths.map((path) => {
  const form = new FormData();
  form.append('image', new Blob([readFileSync(path)]), 'photo.jpg');
  return form;
});

const server = spawn(
  process.execPath,
  [join(root, 'bin', 'legenda.js'), 'serve', '--port', '0', '--rate-limit', '0', '--log-level', 'error'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [address] = /** @type {[string]} */ (
  await new Promise((resolve) =>
    createInterface({ input: server.stdout }).once('line', (line) => resolve([line])),
  )
);

/** @type {number[]} */
const times = [];
/** @type {Map<string, number>} */
const errors = new Map();
/** @type {number[]} */
const memory = [];

const begin = performance.now();
const end = begin + 1000 * seconds;
const sampling = setInterval(async () => memory.push((await figures()).memory), 2000);
await Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
clearInterval(sampling);
const took = (performance.now() - begin) / 1000;
const { batches, images } = await figures();
server.kill('SIGTERM');
rmSync(folder, { recursive: true });

times.sort((a, b) => a - b);
const quantile = (/** @type {number} */ share) =>
  Math.round(times[Math.floor(share * (times.length - 1))] ?? 0);
const third = Math.ceil(memory.length / 3);
const mean = (/** @type {number[]} */ some) =>
  Math.round(some.reduce((sum, one) => sum + one, 0) / some.length / 2 ** 20);
console.log(`clients           ${clients}, ${took.toFixed(0)} s, photos of ${size}×${size}`);
console.log(`answered          ${times.length}, ${(times.length / took).toFixed(1)} a second`);
console.log(`errors            ${errors.size === 0 ? 'none' : JSON.stringify([...errors])}`);
console.log(
  `milliseconds      p50 ${quantile(0.5)}, p95 ${quantile(0.95)}, p99 ${quantile(0.99)}, most ${quantile(1)}`,
);
console.log(`mean batch        ${(images / batches).toFixed(1)} images`);
console.log(
  `memory, MiB       ${mean(memory.slice(0, third))} in the first third, ${mean(memory.slice(-third))} in the last`,
);
process.exitCode = errors.size === 0 ? 0 : 1;

/** One client. @param {number} client */
async function ask(client) {
  for (let turn = client; performance.now() < end; turn++) {
    const started = performance.now();
    try {
      const response = await fetch(`${address}/v1/captions`, {
        method: 'POST',
        body: /** @type {FormData} */ (forms[turn % forms.length]),
      });
      const body = /** @type {any} */ (await response.json());
      const code = body.code ?? body.results[0].error?.code;
      if (code === undefined) times.push(performance.now() - started);
      else errors.set(code, (errors.get(code) ?? 0) + 1);
    } catch (error) {
      const name = error instanceof Error ? error.message : String(error);
      errors.set(name, (errors.get(name) ?? 0) + 1);
    }
  }
}

/** The server's memory in bytes, its batches and the images in them. */
async function figures() {
  const text = await (await fetch(`${address}/metrics`)).text();
  const value = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    memory: value('process_resident_memory_bytes'),
    batches: value('legenda_batch_images_count'),
    images: value('legenda_batch_images_sum'),
  };
}
