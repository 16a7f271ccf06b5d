import { Command } from 'commander';
import { LegendaError } from '../errors.js';
import { addDatasetOptions, type DatasetFlags, datasetOptions } from './dataset-options.js';
import { interruptible } from './interruption.js';
import { collect } from './option-values.js';

interface CalibrateFlags extends DatasetFlags {
  readonly data: readonly string[];
  readonly json?: string;
}

const HELP = `
The dev splits say how often such captions are good, the train splits what the model has seen. The model's folder is written
anew, with confidence.json in it; its captions stay the same, only their confidence changes. A new export has none: calibrate
what you exported. docs/confidence.md tells what the figures mean.

Example:
  $ legenda calibrate run/model --data flickr8k/ --data my-photos/`;

/** `legenda calibrate <model>`: makes the confidence of a model's captions the probability that they are good. */
export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .description("make the confidence of a model's captions the probability that they are good")
    .argument('<model>', "the model's folder; it is written anew")
    .requiredOption('--data <path>', 'a data set that the model was trained with; repeatable', collect, [])
    .option('--json <file>', 'write the figures as JSON');
  return addDatasetOptions(command).addHelpText('after', HELP).action(runCalibrate);
}

async function runCalibrate(model: string, flags: CalibrateFlags): Promise<void> {
  const { data, json } = flags;
  if (data.length === 0) throw new LegendaError('USAGE', { expected: 'at least one --data' });
  const { readDataset } = await import('../datasets/index.js');
  const { calibrateConfidence } = await import('../captioner/calibrate-confidence.js');
  const datasets = [];
  for (const path of data) datasets.push(await readDataset(path, datasetOptions(flags)));
  const report = await calibrateConfidence(model, datasets, {
    signal: interruptible(),
    onMessage: (message) => process.stderr.write(`${message}\n`),
  });
  if (json !== undefined) {
    const { writeFileAtomically } = await import('../write-atomically.js');
    await writeFileAtomically(json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const { confidenceTables } = await import('../captioner/confidence-card.js');
  process.stdout.write(`${confidenceTables(report)}\n`);
}
