// How jobs through the queue do beside `legenda caption`, and whether workers that are killed lose anything.
//   node scripts/bench/queue.mjs [photos] [kills]     photos to make pictures of; how often to kill a worker
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
const kills = Number(process.argv[3] ?? 0);
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

/** @param {Queue} queue @param {string} id */
async function captionsOf(queue, id) {
  const captions = [];
  for await (const row of queue.rows(id)) {
    captions.push([row.image, 'error' in row ? row.error.code : row.caption].join('\t'));
  }
  return captions;
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
    times.queue += await seconds(async () =>
      captionsOf(queue, (await queue.wait(await queue.addAll({ images }))).id),
    );
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

/** @param {Queue} queue @param {string} redis */
async function killWorkers(queue, redis) {
  const pictures = join(folder, 'small');
  const images = imagesOf(await makePictures(photos, pictures, { width: 160, height: 120 }, 2000));
  const settings = ['--stalled-after', '3', '--remember', '1'];
  const workers = await Promise.all([1, 2, 3].map(() => startWorker(redis, ...settings)));
  const run = async (/** @type {(done: number) => void} */ onDone) => {
    // Other options each time, or all would be remembered; of a beam search they change nothing.
    const id = await queue.addAll({ images, options: { seed: ++seed } });
    await queue.wait(id, { onProgress: ({ done }) => onDone(done) });
    return captionsOf(queue, id);
  };
  let seed = 0;
  const undisturbed = await run(() => {});
  let lost = 0;
  let twice = 0;
  let different = 0;
  for (let round = 0; round < kills; round++) {
    const when = 100 + Math.floor((round / kills) * 1700);
    let killed = false;
    const captions = await run((done) => {
      if (killed || done < when) return;
      killed = true;
      workers.shift()?.kill('SIGKILL');
    });
    const found = new Map(captions.map((line) => [line.split('\t')[0], line]));
    lost += images.filter(({ id }) => !found.has(id)).length;
    twice += captions.length - found.size;
    different += undisturbed.filter((line, index) => line !== captions[index]).length;
    if (!killed) console.error(`round ${round + 1}: nobody was killed`);
    else workers.push(await startWorker(redis, ...settings));
  }
  console.log(
    `${kills} times one of three workers killed within 2,000 images: ` +
      `${lost} lost, ${twice} twice, ${different} other than undisturbed`,
  );
}

try {
  const redis = await startRedis();
  const queue = await createCaptionQueue({ redis });
  if (kills === 0) await compare(queue, redis);
  else await killWorkers(queue, redis);
  await queue.close();
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
