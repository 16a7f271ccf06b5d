// npm run bench:train -- --python PYTHON [--encoder SOURCE] [--rounds N] [--steps N] [--compile]
// A step of training beside the same step in PyTorch: same weights, same captions, same architecture, taken in turns.
// Both programs first compute the loss without dropout, which must agree. docs/speed.md says what each figure is.
//   --python   one with torch and numpy; without it only Legenda is timed
//   --encoder  as encoder.source in docs/configuration.md
//   --compile  also PyTorch with torch.compile, which needs a C++ compiler
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeProblem } from './bench/training-problem.mjs';
import { prepareTraining } from './set-up/prepare.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const script = (/** @type {string} */ name) => join(root, 'scripts', 'bench', name);
const { values: flags } = parseArgs({
  options: {
    python: { type: 'string' },
    encoder: { type: 'string', default: join(root, 'models', 'default') },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '5' },
    compile: { type: 'boolean', default: false },
  },
});

/** Losses of the two programs differ by less: sums in another order. */
const TOLERANCE = 1e-3;

/**
 * @typedef {object} Step
 * @property {number} loss without dropout
 * @property {number[]} ms of each step
 * @property {number} cpuSeconds a step
 * @property {number} peakMiB
 */

/** @param {string} program @param {string[]} args @returns {Promise<Step>} */
async function measured(program, args) {
  const { code, output } = await run(program, args, {});
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @param {string} folder @param {'decoder' | 'endToEnd'} stage */
async function compare(folder, stage) {
  const { python, steps, rounds } = flags;
  /** @type {Record<string, () => Promise<Step>>} */
  const programs = {
    Legenda: () => measured(process.execPath, [script('training-step.mjs'), folder, stage, steps]),
  };
  if (python !== undefined) {
    const arguments_ = [script('training_step.py'), folder, stage, steps];
    programs.PyTorch = () => measured(python, arguments_);
    if (flags.compile) programs['PyTorch, compiled'] = () => measured(python, [...arguments_, 'compile']);
  }
  /** @type {Record<string, Step[]>} */
  const results = {};
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, step] of Object.entries(programs))
      results[name] = [...(results[name] ?? []), await step()];
  }
  const times = Object.entries(results).map(([name, runs]) => ({
    name,
    ms: median(runs.flatMap(({ ms }) => ms)),
    runs,
  }));
  const ours = times[0]?.ms ?? Number.NaN;
  for (const { name, ms, runs } of times) {
    const loss = runs[0]?.loss ?? Number.NaN;
    const expected = results.Legenda?.[0]?.loss ?? Number.NaN;
    if (!(Math.abs(loss - expected) < TOLERANCE))
      throw new Error(`${stage}: ${name} has loss ${loss}, Legenda ${expected}`);
    const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds));
    const peak = Math.max(...runs.map(({ peakMiB }) => peakMiB));
    const figures = [ms.toFixed(0), cpu.toFixed(2), peak.toFixed(0), loss.toFixed(4), (ms / ours).toFixed(2)];
    console.log(`| ${stage} | ${name} | ${figures.join(' | ')} |`);
  }
}

const problem = await prepareTraining(root);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
try {
  console.log(`Node.js ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model}\n`);
  console.log(`${await writeProblem(folder, flags.encoder)}\n`);
  console.log(
    '| stage | | ms a step | core-s a step | peak MiB | loss without dropout | times as long as Legenda |',
  );
  console.log('|---|---|---:|---:|---:|---:|---:|');
  await compare(folder, 'decoder');
  await compare(folder, 'endToEnd');
} finally {
  rmSync(folder, { recursive: true });
}
