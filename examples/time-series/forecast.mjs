// node examples/time-series/forecast.mjs [file of numbers]: the next value from a window of values (see README.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { linePlot, Random, RecurrentNetwork } from 'legenda/recurrence';
import { fitAutoregression } from './autoregression.mjs';
import { mackeyGlass } from './mackey-glass.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    window: { type: 'string', default: '16' },
    cell: { type: 'string', default: 'lstm' },
    hidden: { type: 'string', default: '32' },
    steps: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    plot: { type: 'string', default: 'forecast.svg' },
  },
});
const BATCH = 64;
const HIGHEST_RATE = 0.01;
/** The last quarter of the series is only looked at to judge. */
const LEARNT = 0.75;
const PLOTTED = 100;
const window = Number(values.window);

/** @param {readonly number[]} numbers */
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

const [file] = positionals;
const series =
  file === undefined ? mackeyGlass(1200) : readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
if (!series.every(Number.isFinite)) throw new Error(`${file} holds something that is no number`);
const split = Math.floor(series.length * LEARNT);
if (window < 1 || split <= 2 * window)
  throw new Error(`${series.length} values are too few for a window of ${window}`);

// Scaled by what is learnt from alone: the rest is the future.
const centre = mean(series.slice(0, split));
const spread = Math.sqrt(mean(series.slice(0, split).map((value) => (value - centre) ** 2))) || 1;
const scaled = series.map((value) => (value - centre) / spread);

/** All windows whose next value lies from `from` to before `to`. @param {number} from @param {number} to */
function windows(from, to) {
  return Array.from({ length: to - from }, (_, i) => ({
    given: scaled.slice(from + i - window, from + i),
    next: scaled[from + i] ?? 0,
  }));
}
const learnt = windows(window, split);
const judged = windows(split, series.length);

const network = new RecurrentNetwork({
  inputs: 1,
  outputs: 1,
  loss: 'squaredError',
  cell: /** @type {'lstm'} */ (values.cell),
  hidden: Number(values.hidden),
  seed: Number(values.seed),
});
const random = new Random(Number(values.seed));
const steps = Number(values.steps);
for (let step = 1; step <= steps; step++) {
  // Many to one: a value is read at each step, and only at the last one is there something to tell.
  const sequences = Array.from({ length: BATCH }, () => random.pick(learnt)).map(({ given, next }) => ({
    inputs: given.map((value) => [value]),
    targets: given.map((_, t) => (t === window - 1 ? next : null)),
  }));
  const { loss } = network.learn(sequences, HIGHEST_RATE * (1.05 - step / steps));
  if (step === 1 || step % 100 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
}

const { outputs } = network.run(judged.map(({ given }) => given.map((value) => [value])));
const byNetwork = outputs.map((told) => told.at(-1)?.[0] ?? 0);
network.dispose();
const autoregression = fitAutoregression(learnt);
const byAutoregression = judged.map(({ given }) => autoregression(given));
const byLast = judged.map(({ given }) => given.at(-1) ?? 0);

/** In the series' own unit. @param {readonly number[]} told */
const rootMeanSquare = (told) =>
  spread * Math.sqrt(mean(told.map((value, i) => (value - (judged[i]?.next ?? 0)) ** 2)));
console.log(
  `\nroot mean square error of the last ${judged.length} values, each from the ${window} before it:`,
);
console.log(`${values.cell.padEnd(12)} ${rootMeanSquare(byNetwork).toFixed(5)}`);
console.log(`${`AR(${window})`.padEnd(12)} ${rootMeanSquare(byAutoregression).toFixed(5)}  (least squares)`);
console.log(`${'last value'.padEnd(12)} ${rootMeanSquare(byLast).toFixed(5)}  (as if nothing changed)`);

/** @param {readonly number[]} told */
const shown = (told) => told.slice(0, PLOTTED).map((value) => value * spread + centre);
writeFileSync(
  values.plot,
  linePlot({
    title: 'The next value from a window of values',
    x: { label: 'steps after what was learnt from' },
    y: { label: 'value', scale: 'linear' },
    lines: [
      { name: 'series', values: shown(judged.map(({ next }) => next)) },
      { name: values.cell, values: shown(byNetwork) },
      { name: `AR(${window})`, values: shown(byAutoregression) },
    ],
  }),
);
console.log(`plot: ${values.plot}`);
