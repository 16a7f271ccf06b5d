import { Random } from '../random.js';
import { tf } from '../tensorflow.js';
import { trainingConfigurationSchema } from '../training/configuration.js';
import { CELLS } from './cell-names.js';
import { clippedNorms, clippingPicture } from './clipping.js';
import { figure, type GradientReport, type MeasuredLine, type Picture } from './picture.js';
import { HIDDEN, type RecallCell, recallNetwork, recallSequences, SEQUENCES } from './recall-task.js';
import { rowNorms } from './row-norms.js';

const CLIP = trainingConfigurationSchema.parse({}).clip;

export interface FreshCellsOptions {
  /** Steps of the sequences that gradients go back through. */
  readonly steps: number;
  readonly seed: number;
}

type Cell = RecallCell & {
  readonly name: string;
  /** What the fresh recurrent kernels are multiplied by. */
  readonly scale?: number;
};

/** How gradients fare on their way back through fresh cells, with kernels that make them vanish and explode. */
export function diagnoseFreshCells({ steps, seed }: FreshCellsOptions): GradientReport {
  const measured = (cells: readonly Cell[]) => cells.map((cell) => measure(cell, steps, seed));
  const allCells = (scale: number) => measured(CELLS.map((cell) => ({ ...cell, scale })));
  const plot = (title: string, lines: readonly MeasuredLine[], explanation: string): Picture => ({
    title,
    explanation,
    x: { label: 'time step t' },
    y: { label: '‖∂loss / ∂h_t‖', scale: 'log' },
    lines,
  });
  const last = `The loss is told at step ${steps}. `;
  const [fresh, small, large] = [allCells(1), allCells(0.5), allCells(2)];
  const gates = measured([
    ...[-1, 1, 3].map(
      (forgetBias): Cell => ({
        name: `forget bias ${forgetBias}`,
        cell: 'lstm',
        initialisation: { forgetBias },
      }),
    ),
    { name: 'and tbptt', cell: 'lstm', initialisation: { forgetBias: 3 }, tbptt: Math.ceil(steps / 4) },
  ]);
  return {
    title: 'Gradients on their way back through time',
    subject:
      `Fresh cells of ${HIDDEN} units (seed ${seed}) on ${SEQUENCES} sequences of ${steps} steps that show a symbol first and are ` +
      'asked for it last. The norm is the mean over the sequences.',
    pictures: [
      plot(
        'As they begin: orthogonal recurrent kernels',
        fresh,
        `${last}${perStep(fresh)} An orthogonal kernel alone would keep the gradient's length; what is lost is lost where tanh and ` +
          'gates flatten.',
      ),
      plot(
        'Vanishing: recurrent kernels of half the size',
        small,
        `${last}${perStep(small)} What comes first can hardly be learnt: its share of the gradient drowns in that of the last steps. ` +
          `The LSTM's cell state is carried on by its forget gate and not by the kernel, so that it loses less.`,
      ),
      plot(
        'Exploding: recurrent kernels of twice the size',
        large,
        `${last}${perStep(large)} The simple RNN's gradient has the norm ${figure(large[0]?.weightGradientNorm ?? 0)} over all weights, ` +
          `so that one step along it would end anywhere; clipped by its global norm it keeps its direction and has the norm ` +
          `${figure(large[0]?.clippedNorm ?? 0)}. Gates bound what a step can do.`,
      ),
      plot(
        'What gates do: an LSTM by the bias of its forget gate',
        gates,
        `${last}${perStep(gates.slice(0, 3))} The wider the gate is open at the start, the further back the gradient reaches. ` +
          `With tbptt ${Math.ceil(steps / 4)} it is cut at every ${Math.ceil(steps / 4)}th step: cheap, but what lies before says nothing.`,
      ),
      clippingPicture(seed),
    ],
  };
}

/** What is left of each line's gradient at the first step, in words. */
function perStep(lines: readonly MeasuredLine[]): string {
  const parts = lines.map(({ name, values }) => `${figure(values[0] ?? 0)} (${name})`);
  return `Of the norm ${figure(lines[0]?.values.at(-1) ?? 0)} at the last step the first gets ${parts.join(', ')}.`;
}

/** The gradients of one cell on the task. */
function measure({ name, scale = 1, ...options }: Cell, steps: number, seed: number): MeasuredLine {
  const network = recallNetwork(options, scale, seed);
  const values: number[] = Array(steps).fill(0);
  const { gradients } = network.gradients(
    recallSequences(SEQUENCES, steps, new Random(seed)),
    (t, gradient) => {
      // The loss is the mean of the sequences' own, so that this is the mean of their norms.
      values[t] = rowNorms(gradient).reduce((sum, norm) => sum + norm, 0);
    },
  );
  const norms = clippedNorms(gradients, CLIP);
  tf.dispose([...gradients.values()]);
  network.dispose();
  return { name, values, ...norms };
}
