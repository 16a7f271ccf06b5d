import { Command, InvalidArgumentError } from 'commander';
import type { Example } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import type { GradientReport } from '../recurrence/picture.js';
import { writeFileAtomically } from '../write-atomically.js';
import { count, wholeNumber } from './option-values.js';

interface GradientFlags {
  readonly data?: string;
  readonly format?: string;
  readonly images?: number;
  readonly steps?: number;
  readonly seed: number;
  readonly html: string;
  readonly json: string;
}

const STEPS = 100;
const IMAGES = 16;

const HELP = `
Without a checkpoint: fresh cells on long sequences, with weights that make gradients vanish and explode, what the forget gate
changes, and what clipping does. With one: the trained decoder on captions of --data, beside fresh ones. The numbers are
printed, the pictures with their explanations are in the page.

Examples:
  $ legenda diagnose gradients
  $ legenda diagnose gradients run/ --data my-photos/ --html run/gradients.html --json run/gradients.json`;

/** Reads `--steps`: of one step there is no way back. */
function steps(value: string): number {
  const read = count(value);
  if (read < 2) throw new InvalidArgumentError('It is no whole number of 2 or more.');
  return read;
}

/** `legenda diagnose`: looks inside networks. */
export function diagnoseCommand(): Command {
  const gradients = new Command('gradients')
    .description('how far back through time gradients reach: vanishing, exploding, clipping, gates')
    .argument('[checkpoint]', 'a folder of a training run, its best/, or one under its checkpoints/')
    .option('--data <path>', "with a checkpoint: a data set; its dev split's captions are gone through")
    .option('--format <name>', 'format of the data set (recognised by itself)')
    .option('--images <n>', `with a checkpoint: images of the data set to take (default: ${IMAGES})`, count)
    .option('--steps <n>', `without a checkpoint: length of the sequences (default: ${STEPS})`, steps)
    .option('--seed <n>', 'of fresh weights and sequences', wholeNumber, 1)
    .option('--html <file>', 'the page', 'gradients.html')
    .option('--json <file>', 'the numbers', 'gradients.json')
    .addHelpText('after', HELP)
    .action(runGradients);
  return new Command('diagnose').description('Looks inside networks.').addCommand(gradients);
}

async function runGradients(checkpoint: string | undefined, flags: GradientFlags): Promise<void> {
  const report =
    checkpoint === undefined ? await ofFreshCells(flags) : await ofTrainedDecoder(checkpoint, flags);
  const { gradientPage, gradientText } = await import('../recurrence/gradient-page.js');
  await writeFileAtomically(flags.html, gradientPage(report));
  await writeFileAtomically(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(gradientText(report));
  process.stderr.write(`pictures: ${flags.html}, numbers: ${flags.json}\n`);
}

async function ofFreshCells({ data, format, images, steps, seed }: GradientFlags): Promise<GradientReport> {
  const given = Object.entries({ data, format, images }).find(([, value]) => value !== undefined);
  if (given !== undefined) {
    throw new LegendaError('USAGE', {
      expected: 'a checkpoint to go through captions with',
      received: `--${given[0]} alone`,
    });
  }
  const { diagnoseFreshCells } = await import('../recurrence/fresh-cells.js');
  return diagnoseFreshCells({ steps: steps ?? STEPS, seed });
}

async function ofTrainedDecoder(path: string, flags: GradientFlags): Promise<GradientReport> {
  const { data, format, images = IMAGES, steps, seed } = flags;
  if (steps !== undefined) {
    throw new LegendaError('USAGE', {
      received: '--steps with a checkpoint',
      advice: 'captions have their own lengths',
    });
  }
  if (data === undefined) throw new LegendaError('USAGE', { expected: '--data with a checkpoint' });
  const { findCheckpoint } = await import('../recurrence/find-checkpoint.js');
  const { readCheckpoint } = await import('../training/checkpoint.js');
  const { readDataset } = await import('../datasets/index.js');
  const { diagnoseTrainedDecoder } = await import('../recurrence/trained-decoder.js');
  const checkpoint = await readCheckpoint(await findCheckpoint(path));
  const { examples } = await readDataset(data, format === undefined ? {} : { format });
  return diagnoseTrainedDecoder(checkpoint, devFirst(examples), {
    seed,
    images,
    onMessage: (message) => process.stderr.write(`${message}\n`),
  });
}

/** The dev split, or where there is none, all. */
function devFirst(examples: readonly Example[]): readonly Example[] {
  const dev = examples.filter(({ split }) => split === 'dev');
  return dev.length > 0 ? dev : examples;
}
