// npm run ablation -- --data DATASET … [--text CAPTIONS …] [--out FOLDER] [--row NAME …] [--set KEY=VALUE …]
// What each part of the recipe brings: trains every row of scripts/ablation/rows.mjs, scores it on dev, prints the table.
// Run again after a stop, it goes on where it was.
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BASE, ROWS } from './ablation/rows.mjs';
import { prepareTraining } from './set-up/prepare.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', multiple: true, default: [] },
    text: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: 'ablation' },
    row: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const rows = ROWS.filter(({ name }) => flags.row === undefined || flags.row.includes(name));

/** @param {string} name @param {number} seed */
const folderOf = (name, seed) => join(flags.out, `${name}-${seed}`);
/** @param {string} folder @param {string} data */
const scoresOf = (folder, data) => join(folder, `${basename(data)}.json`);
/** @param {string} folder */
const isScored = (folder) => flags.data.every((data) => existsSync(scoresOf(folder, data)));

/** Runs a command of Legenda; ends this program if it fails. @param {string[]} parts */
async function legenda(...parts) {
  const { code } = await run(process.execPath, [join(root, 'bin', 'legenda.js'), ...parts], { show: true });
  if (code !== 0) process.exit(code);
}

/** Features that other rows computed: they carry their encoder's name, so that only fitting ones are used. @param {string} folder */
function shareFeatures(folder) {
  const shared = join(folder, 'features');
  mkdirSync(shared, { recursive: true });
  for (const other of readdirSync(flags.out)) {
    const features = join(flags.out, other, 'features');
    if (!existsSync(features)) continue;
    for (const file of readdirSync(features).filter((name) => name.endsWith('.features'))) {
      if (!existsSync(join(shared, file))) link(join(features, file), join(shared, file));
    }
  }
}

/** A second name of a file where the file system has such; else a copy. @param {string} from @param {string} to */
function link(from, to) {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

/** @param {import('./ablation/rows.mjs').Row} row @param {number} seed */
async function measure({ name, from, set, text }, seed) {
  const folder = folderOf(name, seed);
  if (isScored(folder)) return;
  console.error(`${name}, seed ${seed}`);
  shareFeatures(folder);
  await legenda(
    'train',
    ...flags.data.flatMap((data) => ['--data', data]),
    ...(text ? flags.text.flatMap((file) => ['--text', file]) : []),
    ...(from === undefined ? [] : ['--init', join(folderOf(from, seed), 'model')]),
    ...[...BASE, ...flags.set, ...set, `seed=${seed}`].flatMap((setting) => ['--set', setting]),
    '--out',
    folder,
    ...(existsSync(join(folder, 'checkpoints')) ? ['--resume'] : []),
  );
  for (const data of flags.data) {
    const model = ['--model', join(folder, 'model')];
    await legenda('evaluate', data, '--split', 'dev', ...model, '--json', scoresOf(folder, data));
  }
}

/** The scores of all seeds of a row on a data set, as cells. @param {string} name @param {string} data */
function cells(name, data) {
  const scores = readdirSync(flags.out)
    .filter((folder) => new RegExp(`^${name}-\\d+$`).test(folder))
    .map((folder) => scoresOf(join(flags.out, folder), data))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  return ['ciderD', 'bleu4'].map((metric) => scores.map((score) => score[metric].toFixed(3)).join(', '));
}

if (flags.data.length === 0) {
  console.error(
    'Usage: npm run ablation -- --data DATASET … [--text CAPTIONS …] [--out FOLDER] [--row NAME …]',
  );
  process.exit(2);
}
const problem = await prepareTraining(root);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
mkdirSync(flags.out, { recursive: true });
const seeds = Math.max(...rows.map((row) => row.seeds));
for (let seed = 1; seed <= seeds; seed++) {
  for (const row of rows.filter((row) => row.seeds >= seed)) await measure(row, seed);
}

console.log(`| | ${flags.data.map((data) => `${basename(data)} CIDEr-D | BLEU-4`).join(' | ')} |`);
console.log(`|---|${'---|'.repeat(2 * flags.data.length)}`);
for (const { name, what } of ROWS) {
  console.log(`| ${[what, ...flags.data.flatMap((data) => cells(name, data))].join(' | ')} |`);
}
