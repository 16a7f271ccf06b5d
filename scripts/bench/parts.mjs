// parts.mjs <model> <seconds a figure> <images…>: encoder, decoder and search apart, against ONNX Runtime on the encoder
// alone, from pixels in memory; writes them as a line of JSON.
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { resolveCaptionOptions } from '../../dist/captioner/resolve-options.js';
import { decodeImage } from '../../dist/images/index.js';
import { loadBundle, loadCaptioner } from '../../dist/index.js';

const [folder = '', secondsGiven, ...paths] = process.argv.slice(2);
const seconds = Number(secondsGiven);
/** What `legenda caption` takes. */
const BATCH = 12;
const bundle = await loadBundle(folder);
const size = bundle.manifest.configuration.encoder;
const pixels = (await Promise.all(paths.map((path) => decodeImage(path, size)))).map((image) => image.pixels);

/** What a captioner keeps to itself. @param {unknown} captioner @returns {any} */
const inside = (captioner) => captioner;

/**
 * Images a second, and core-milliseconds an image, of each of several ways. They take turns, so that what else the machine
 * does falls on all alike.
 * @param {Record<string, {images: number, run: () => Promise<unknown>}>} ways
 */
async function rates(ways) {
  const spent = new Map(Object.keys(ways).map((name) => [name, { images: 0, ms: 0, coreMs: 0 }]));
  for (const { run } of Object.values(ways)) await run();
  while ([...spent.values()].some(({ ms }) => ms < 1000 * seconds)) {
    for (const [name, entry] of spent) {
      const way = ways[name];
      const started = performance.now();
      const before = process.cpuUsage();
      await way?.run();
      const { user, system } = process.cpuUsage(before);
      entry.ms += performance.now() - started;
      entry.coreMs += (user + system) / 1000;
      entry.images += way?.images ?? 0;
    }
  }
  const each = [...spent].map(([name, { images, ms, coreMs }]) => [
    name,
    { perSecond: (1000 * images) / ms, coreMs: coreMs / images },
  ]);
  return Object.fromEntries(each);
}

/** The first images as a batch. @param {number} count */
const batch = (count) =>
  Array.from({ length: count }, (_, index) => pixels[index % pixels.length] ?? new Uint8Array());

/**
 * Encoder and search, as `legenda caption` runs them: as many batches at once as fill the captioner's threads.
 * @param {import('../../dist/index.js').Captioner} captioner
 */
function captioning(captioner, /** @type {number} */ count, options = {}) {
  const wanted = resolveCaptionOptions(options, bundle, true);
  const images = batch(count);
  const { network } = inside(captioner);
  const threads = Math.max(1, network.capacity - 1);
  const batches = Array.from({ length: 2 * threads }, () => images);
  return {
    images: count * batches.length,
    run: () => Promise.all(batches.map((pixels) => network.see(pixels, wanted))),
  };
}

/** The encoder's graph alone. @param {number} count */
async function rawEncoder(count) {
  const session = await InferenceSession.create(bundle.encoderPath, {
    intraOpNumThreads: availableParallelism(),
    // As Legenda's: threads that wait by spinning would count as work.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const { height, width } = size;
  const data = new Uint8Array(count * height * width * 3);
  for (const [index, image] of batch(count).entries()) data.set(image, index * image.length);
  const input = new Tensor('uint8', data, [count, height, width, 3]);
  return { images: count, run: () => session.run({ pixels: input }) };
}

/** What share of its time a captioner on this thread spends in each network. @param {import('../../dist/index.js').Captioner} captioner */
async function shares(captioner) {
  const { network } = inside(captioner);
  const { encoder, decoder } = network.sessions;
  const spent = { encoder: 0, decoder: 0 };
  for (const [name, session] of /** @type {const} */ ([
    ['encoder', encoder],
    ['decoder', decoder],
  ])) {
    const run = session.run.bind(session);
    session.run = async (/** @type {any[]} */ ...args) => {
      const started = performance.now();
      const outputs = await run(.../** @type {[any]} */ (args));
      spent[name] += performance.now() - started;
      return outputs;
    };
  }
  const wanted = resolveCaptionOptions({}, bundle, true);
  const way = { images: BATCH, run: () => network.see(batch(BATCH), wanted) };
  await way.run();
  spent.encoder = spent.decoder = 0;
  const started = performance.now();
  let images = 0;
  while (performance.now() - started < 1000 * seconds) {
    await way.run();
    images += way.images;
  }
  const all = performance.now() - started;
  return {
    encoder: spent.encoder / images,
    decoder: spent.decoder / images,
    search: (all - spent.encoder - spent.decoder) / images,
  };
}

const captioner = await loadCaptioner(folder);
const against = await rates({
  both: captioning(captioner, BATCH),
  raw8: await rawEncoder(8),
  raw32: await rawEncoder(32),
});
const batches = await rates(
  Object.fromEntries([1, 4, 12, 32].map((count) => [count, captioning(captioner, count)])),
);
const beams = await rates(
  Object.fromEntries(
    [1, 3, 5].map((width) => [
      width,
      captioning(captioner, BATCH, width === 1 ? { method: 'greedy' } : { method: 'beam', beamWidth: width }),
    ]),
  ),
);
const threads = new Map();
for (let count = 1; count <= availableParallelism(); count *= 2)
  threads.set(count, await loadCaptioner(folder, { threads: count }));
const cores = await rates(
  Object.fromEntries([...threads].map(([count, model]) => [count, captioning(model, BATCH)])),
);
console.log(JSON.stringify({ against, batches, beams, cores, ms: await shares(threads.get(1)) }));
await Promise.all([captioner, ...threads.values()].map((model) => model.close()));
