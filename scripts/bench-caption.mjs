// npm run bench -- <folder of images> [--model FOLDER] [--count N]: how fast captioning is and how much memory it takes.
// All figures are of the whole process from its start. With --count above the folder's number, images repeat: memory
// must not grow with them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadCaptioner } from '../dist/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, count: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined)
  throw new Error('Usage: npm run bench -- <folder of images> [--model FOLDER] [--count N]');
const files = readdirSync(folder).filter((name) => /\.(?:jpe?g|png|webp)$/i.test(name));
if (files.length === 0) throw new Error(`${folder} holds no images`);
const count = Number(values.count ?? files.length);

/** The images' paths, from the first again after the last. */
async function* images() {
  for (let i = 0; i < count; i++) yield join(String(folder), String(files[i % files.length]));
}

const captioner = await loadCaptioner(
  values.model ?? fileURLToPath(new URL('../models/default', import.meta.url)),
);
const loaded = performance.now();
const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 2 ** 20);
let done = 0;
let failed = 0;
let first = 0;
for await (const row of captioner.captionAll(images())) {
  if (done === 0) first = performance.now();
  if ('error' in row) failed++;
  done++;
  if (done % 1000 === 0) console.error(`${done} images: ${megabytes(process.memoryUsage.rss())} MiB`);
}
// performance.now() counts from the start of the process.
const seconds = performance.now() / 1000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify(
    {
      images: done,
      failed,
      imagesPerSecond: Number((done / seconds).toFixed(1)),
      cpuMillisecondsPerImage: Number(((userCPUTime + systemCPUTime) / 1000 / done).toFixed(2)),
      coresBusy: Number(((userCPUTime + systemCPUTime) / 1e6 / seconds).toFixed(2)),
      peakMiB: megabytes(maxRSS * 1024),
      loadedAfterMs: Math.round(loaded),
      firstCaptionAfterMs: Math.round(first),
    },
    null,
    2,
  ),
);
await captioner.close();
