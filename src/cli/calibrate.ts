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
The train splits say which words to expect of a photo: captions that have them are preferred, as much as is best on the dev
splits. The dev splits then say how often such captions are good. The model's folder is written anew, with
expected-words.safetensors and confidence.json in it. A new export has neither: calibrate what you exported.
docs/confidence.md tells what the figures mean, docs/search.md how words are chosen.

Example:
  $ legenda calibrate run/model --data flickr8k/ --data my-photos/`;

/** `legenda calibrate <model>`: fits which words to expect of a photo, and how probable it is that a caption is good. */
export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .description(
      'make a trained model choose its captions better, and their confidence the probability that they are good',
    )
    .argument('<model>', "the model's folder; it is written anew")
    .requiredOption('--data <path>', 'a data set that the model was trained with; repeatable', collect, [])
    .option('--json <file>', 'write the figures as JSON');
  return addDatasetOptions(command).addHelpText('after', HELP).action(runCalibrate);
}

async function runCalibrate(model: string, flags: CalibrateFlags): Promise<void> {
  const { data, json } = flags;
  if (data.length === 0) throw new LegendaError('USAGE', { expected: 'at least one --data' });
  const { readDataset } = await import('../datasets/index.js');
  const { calibrateModel } = await import('../captioner/calibrate-model.js');
  const datasets = [];
  for (const path of data) datasets.push(await readDataset(path, datasetOptions(flags)));
  const report = await calibrateModel(model, datasets, {
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
