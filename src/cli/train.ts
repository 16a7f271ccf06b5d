import { Command } from 'commander';
import { LegendaError } from '../errors.js';
import { addDatasetOptions, type DatasetFlags, datasetOptions } from './dataset-options.js';
import { interruptible } from './interruption.js';
import { collect, seconds } from './option-values.js';
import { trainingProgress } from './training-progress.js';

interface TrainFlags extends DatasetFlags {
  readonly data: readonly string[];
  readonly text: readonly string[];
  readonly out: string;
  readonly init?: string;
  readonly resume?: boolean;
  readonly set: readonly string[];
  readonly timeBudget?: number;
}

const EXAMPLES = `
Examples:
  $ legenda train --data my-photos/ --out run/ --init models/default
  $ legenda train flickr.json --data flickr8k/ --data coco/ --out run/ --set stages.decoder.epochs=4
  $ legenda train --data flickr8k/ --out run/ --resume

The model is in run/model when it is done. Ctrl-C saves first; --resume goes on to the same losses.`;

/** `legenda train`: data sets in, a bundle out. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a caption model on pictures with captions')
    .argument('[config]', 'a JSON file of settings that differ from the defaults')
    .requiredOption('--data <path>', 'a data set; repeat it to learn from several at once', collect, [])
    .option(
      '--text <file>',
      'captions without pictures, to learn to write from first; repeatable',
      collect,
      [],
    )
    .requiredOption('--out <folder>', 'folder of the run: checkpoints, log and the model')
    .option('--init <model>', 'go on from a trained model')
    .option('--resume', 'go on from the last checkpoint in --out, with its settings')
    .option('--set <key=value>', 'one setting; repeatable', collect, [])
    .option('--time-budget <time>', 'shorten the stages to end within this time: 90s, 30m, 2h', seconds);
  return addDatasetOptions(command).addHelpText('after', EXAMPLES).action(runTrain);
}

async function runTrain(config: string | undefined, flags: TrainFlags): Promise<void> {
  if (flags.data.length === 0) throw new LegendaError('USAGE', { expected: 'at least one --data' });
  // TensorFlow is loaded here and not before, so that other commands start without it.
  const { readConfiguration, trainFromFiles } = await import('../training/index.js');
  const configuration = await readConfiguration(config, flags.set);
  const progress = trainingProgress(process.stderr);
  const result = await trainFromFiles({
    configuration,
    data: flags.data,
    reading: datasetOptions(flags),
    text: flags.text,
    out: flags.out,
    init: flags.init,
    resume: flags.resume === true,
    // Loading counts too: this clock began with the process.
    timeBudget: flags.timeBudget === undefined ? undefined : flags.timeBudget - performance.now() / 1000,
    signal: interruptible(),
    onStep: progress.step,
    onMessage: progress.message,
  });
  progress.end();
  if (!result.finished) {
    progress.message(`stopped; go on with: legenda train … --out ${flags.out} --resume`);
    process.exitCode = 130;
    return;
  }
  process.stdout.write(`${result.model}\n`);
}
