// npm run bench [-- --photos DIR --model DIR --count N --peer-count N --seconds S --python PYTHON --transformers-js DIR]
// How fast captioning is, beside others on the same pictures in the same run; docs/speed.md says what each figure is.
//   --python           one with torch and transformers (and onnx, to export for transformers.js)
//   --transformers-js  a folder in which @huggingface/transformers was installed
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './bench/measure.mjs';
import { makePictures, repeated } from './bench/pictures.mjs';
import { build, needsBuild } from './build.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const script = (/** @type {string} */ name) => join(root, 'scripts', 'bench', name);
const SIZES = {
  '640 × 480': { width: 640, height: 480 },
  '12 megapixels': { width: 4000, height: 3000 },
  '224 × 224': { width: 224, height: 224 },
};
/** Pictures made of each size; those to caption repeat them. */
const MADE = 24;
/** Words that the transformers write: as many as captions have. */
const WORDS = 11;
const PEER_BATCH = 8;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: join(root, 'examples', 'photos') },
    model: { type: 'string', default: join(root, 'models', 'default') },
    count: { type: 'string', default: '1000' },
    'peer-count': { type: 'string', default: '64' },
    seconds: { type: 'string', default: '5' },
    python: { type: 'string' },
    'transformers-js': { type: 'string' },
  },
});

/** @param {string[]} cells */
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
/** A number with three digits. */
const figure = (/** @type {number} */ value) =>
  Number.isNaN(value) ? '' : value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

/** @param {string} what @param {import('./bench/measure.mjs').Measured | string} measured */
function report(what, measured) {
  if (typeof measured === 'string') return row(what, `not measured: ${measured}`, '', '', '', '', '');
  const { images, perSecond, steadyPerSecond, firstMs, coreSeconds, peakMiB } = measured;
  const figures = [perSecond, steadyPerSecond, firstMs, coreSeconds, peakMiB].map(figure);
  row(what, String(images), ...figures);
}

/** @param {string} folder for what is made and thrown away */
async function bench(folder) {
  const { model, python, photos, seconds } = values;
  console.error('making pictures');
  /** @type {Record<string, string[]>} */
  const pictures = {};
  for (const [name, size] of Object.entries(SIZES)) {
    pictures[name] = await makePictures(photos, join(folder, `${size.width}`), size, MADE);
  }
  const ordinary = pictures['640 × 480'] ?? [];
  const node = ['--import', script('report-usage.mjs')];
  const peers = repeated(ordinary, Number(values['peer-count']));

  console.log(`Node.js ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model}\n`);
  row(
    'whole process',
    'images',
    'images/s',
    'after the start',
    'ms to first',
    'core-s per 1,000',
    'peak MiB',
  );
  row('---', '---:', '---:', '---:', '---:', '---:', '---:');
  const legenda = [...node, join(root, 'bin', 'legenda.js'), 'caption', '-', '--model', model];
  for (const [name, paths] of Object.entries(pictures)) {
    const images = repeated(paths, Number(values.count));
    report(`legenda caption, ${name}`, await measure(process.execPath, legenda, images));
  }
  const repeatedOrdinary = repeated(ordinary, Number(values.count));
  report(
    'legenda caption, --beam 3',
    await measure(process.execPath, [...legenda, '--beam', '3'], repeatedOrdinary),
  );
  report('legenda caption, one', await measure(process.execPath, legenda, ordinary.slice(0, 1)));
  const tfjs = [...node, script('tensorflow-js.mjs'), model, String(PEER_BATCH)];
  report('TensorFlow.js, same weights and search', await measure(process.execPath, tfjs, peers));
  const sizes = [String(WORDS), String(PEER_BATCH)];
  report(
    'ViT + GPT-2, greedy, PyTorch transformers',
    python === undefined
      ? 'give --python one with torch and transformers'
      : await measure(python, [script('vit_gpt2.py'), 'caption', ...sizes], peers),
  );
  report(
    'ViT + GPT-2, greedy, transformers.js',
    await transformersJs(join(folder, 'vit-gpt2'), sizes, peers),
  );
  await parts(seconds, ordinary);
}

/** @param {string} folder for the graphs @param {string[]} sizes @param {string[]} images */
async function transformersJs(folder, sizes, images) {
  const { python, 'transformers-js': packages } = values;
  if (packages === undefined) return 'give --transformers-js a folder with @huggingface/transformers';
  if (python === undefined) return 'give --python one with torch, transformers and onnx, for its graphs';
  const { code, output } = await run(python, [script('vit_gpt2.py'), 'export', folder]);
  if (code !== 0) return output.trim().split('\n').at(-1) ?? 'the export failed';
  const args = [
    '--import',
    script('report-usage.mjs'),
    script('transformers-js.mjs'),
    packages,
    folder,
    ...sizes,
  ];
  return measure(process.execPath, args, images);
}

/** @param {string} seconds @param {string[]} images */
async function parts(seconds, images) {
  const { code, output } = await run(process.execPath, [
    script('parts.mjs'),
    values.model,
    seconds,
    ...images,
  ]);
  if (code !== 0) throw new Error(output);
  const { against, batches, beams, cores, ms } = JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? '{}');
  const raw = against.raw8.perSecond > against.raw32.perSecond ? against.raw8 : against.raw32;
  console.log();
  const rate = (/** @type {string} */ what, /** @type {{perSecond: number, coreMs: number}} */ of) =>
    row(what, figure(of.perSecond), figure(of.coreMs));
  row('from pixels in memory', 'images/s', 'core-ms an image');
  row('---', '---:', '---:');
  rate('encoder and search, batch 12', against.both);
  rate('encoder alone in ONNX Runtime, the limit (batch 8 or 32, the faster)', raw);
  const shares = [against.both.perSecond / raw.perSecond, raw.coreMs / against.both.coreMs];
  row('share of the limit', ...shares.map((share) => share.toFixed(2)));
  for (const [name, of] of Object.entries({ batch: batches, beam: beams, threads: cores })) {
    for (const [value, way] of Object.entries(of)) rate(`encoder and search, ${name} ${value}`, way);
  }
  console.log();
  row('of an image, batch 12, on one thread', 'ms');
  row('---', '---:');
  row('encoder', figure(ms.encoder));
  row('decoder', figure(ms.decoder));
  row('search', figure(ms.search));
}

const problem = needsBuild(root) ? await build() : undefined;
if (problem !== undefined) throw new Error(problem);
const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
try {
  await bench(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
