// node scripts/bench/queue.mjs [photos]: how jobs through the queue do beside `legenda caption` on the same pictures, made of
// these photos, and how long one small picture takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createCaptionQueue } from '../../dist/index.js';
import { findRedis } from '../set-up/redis.mjs';
import { makePictures } from './pictures.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {Awaited<ReturnType<typeof createCaptionQueue>>} Queue */

const bin = fileURLToPath(new URL('../../bin/legenda.js', import.meta.url));
const photos = resolve(process.argv[2] ?? fileURLToPath(new URL('../../examples/photos', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'legenda-queue-'));

/** @type {Set<ChildProcess>} */
const started = new Set();

/** @param {string} command @param {string[]} args */
function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  return child;
}

/** Waits until a process says something. @param {ChildProcess} child @param {string} what */
async function said(child, what) {
  await /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (data) => String(data).includes(what) && resolve());
      }
      child.once('exit', () => reject(new Error(`it ended before it said ${what}`)));
    })
  );
}

async function startRedis() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  await said(
    start(findRedis() ?? 'redis-server', [...where, '--save', '', '--appendonly', 'yes']),
    'Ready to accept',
  );
  return `redis://127.0.0.1:${port}`;
}

/** @param {string} redis @param {string[]} more */
async function startWorker(redis, ...more) {
  const worker = start(process.execPath, [bin, 'work', '--redis', redis, '--root', folder, ...more]);
  await said(worker, 'waiting for jobs');
  return worker;
}

/** Seconds that something takes. @param {() => Promise<unknown>} work */
async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** @param {string} pictures */
async function caption(pictures) {
  const child = start(process.execPath, [bin, 'caption', pictures, '--format', 'jsonl']);
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'exit');
}

/** @param {string[]} paths */
const imagesOf = (paths) => paths.map((path, index) => ({ id: `${index}`, path }));

/** @param {Queue} queue @param {string} redis */
async function compare(queue, redis) {
  const pictures = join(folder, 'large');
  const images = imagesOf(await makePictures(photos, pictures, { width: 640, height: 480 }, 1000));
  const worker = await startWorker(redis, '--remember', '0');
  const times = { caption: 0, queue: 0 };
  for (let round = 0; round < 3; round++) {
    times.caption += await seconds(() => caption(pictures));
    times.queue += await seconds(async () => queue.wait(await queue.addAll({ images })));
  }
  const rate = (/** @type {number} */ time) => (3000 / time).toFixed(1);
  console.log(`legenda caption, whole process: ${rate(times.caption)} images/s`);
  console.log(
    `the queue, one worker: ${rate(times.queue)} images/s, ${(times.caption / times.queue).toFixed(2)} of it`,
  );

  const base64 = (await sharp(join(pictures, '0.jpg')).resize(224, 224).jpeg().toBuffer()).toString('base64');
  /** @type {number[]} */
  const waits = [];
  for (let turn = 0; turn < 100; turn++) {
    waits.push(await seconds(async () => queue.wait(await queue.add({ images: [{ base64 }] }))));
  }
  waits.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    `${(1000 * (waits[Math.floor(share * waits.length)] ?? 0)).toFixed(0)} ms`;
  console.log(`enqueue to result, one image of 224×224, idle worker: p50 ${at(0.5)}, p95 ${at(0.95)}`);
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}

try {
  const redis = await startRedis();
  const queue = await createCaptionQueue({ redis });
  await compare(queue, redis);
  await queue.close();
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
