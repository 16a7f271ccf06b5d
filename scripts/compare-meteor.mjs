// Compares Legenda's METEOR with pycocoevalcap's over whole systems: see docs/metrics.md.
//   node scripts/compare-meteor.mjs METEOR.json      (made by scripts/reference-metrics.py meteor)
import { readFileSync } from 'node:fs';
import { evaluateCaptions } from '../dist/metrics/index.js';

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('name the file that scripts/reference-metrics.py meteor wrote');

/** @type {Record<string, { items: import('../dist/metrics/index.js').CaptionToEvaluate[], meteor: number, perImage: number[] }>} */
const theirs = JSON.parse(readFileSync(source, 'utf8'));

const systems = Object.entries(theirs).map(([name, { items, meteor, perImage }]) => {
  const ours = evaluateCaptions(items);
  const images = ours.perImage.map((image) => image.meteor);
  return { name, ours: ours.meteor, theirs: meteor, images: spearman(images, perImage) };
});
systems.sort((a, b) => b.theirs - a.theirs);

console.log('| captions | pycocoevalcap | Legenda | difference | rank correlation of the images |');
console.log('|---|---|---|---|---|');
for (const { name, ours, theirs, images } of systems) {
  const cells = [theirs, ours, ours - theirs, images].map((value) => value.toFixed(3));
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
const [a, b] = [systems.map(({ ours }) => ours), systems.map(({ theirs }) => theirs)];
console.log(`\nover the systems: Spearman ${spearman(a, b).toFixed(3)}, Pearson ${pearson(a, b).toFixed(4)}`);

/** @param {number[]} a @param {number[]} b */
function spearman(a, b) {
  return pearson(ranks(a), ranks(b));
}

/** Equal values share the mean of their ranks. @param {number[]} values */
function ranks(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}

/** @param {number[]} a @param {number[]} b */
function pearson(a, b) {
  /** @param {number[]} values */
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  /** @param {number[]} x @param {number} meanX @param {number[]} y @param {number} meanY */
  const product = (x, meanX, y, meanY) =>
    x.reduce((sum, value, i) => sum + (value - meanX) * ((y[i] ?? 0) - meanY), 0);
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}
