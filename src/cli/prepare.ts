import { Command } from 'commander';
import { addDatasetOptions, type DatasetFlags, datasetOptions } from './dataset-options.js';
import { interruptible } from './interruption.js';
import { collect, number, wholeNumber } from './option-values.js';
import { startProgress } from './progress.js';

interface PrepareFlags extends DatasetFlags {
  readonly out: string;
  readonly dev: number;
  readonly seed: number;
  readonly set: readonly string[];
}

const HELP = `
Nothing is copied: --out gets report.html, examples.jsonl (a data set for train, with the splits and without what was left
out), dropped.jsonl with the reasons, and a link to the pictures.

Examples:
  $ legenda prepare my-photos/ --out prepared/
  $ legenda prepare shop.csv --columns image=photo,caption=title --out prepared/ --dev 0.1 --set language=pt
  $ legenda train --data prepared/ --out run/ --init models/default`;

/** `legenda prepare <dataset>`: what a data set is like, before learning from it. */
export function prepareCommand(): Command {
  const command = new Command('prepare')
    .description(
      'look through pictures with captions before training: numbers, words, broken and repeated pictures',
    )
    .argument('<dataset>', 'a data set in any format that train reads')
    .requiredOption(
      '--out <folder>',
      'where the report and the examples go; an earlier preparation there is replaced',
    )
    .option(
      '--dev <share>',
      'share of pictures for dev, and as many for test, where the data has none',
      number(0.001, 0.45),
      0.05,
    )
    .option('--seed <number>', 'decides which pictures these are', wholeNumber, 0)
    .option(
      '--set <key=value>',
      'a setting of the training that it is for, such as language=pt; repeatable',
      collect,
      [],
    );
  return addDatasetOptions(command).addHelpText('after', HELP).action(runPrepare);
}

async function runPrepare(path: string, flags: PrepareFlags): Promise<void> {
  const { readDataset } = await import('../datasets/index.js');
  const { readConfiguration } = await import('../training/read-configuration.js');
  const {
    describePreparation,
    inspectImages,
    mergeInspections,
    prepareDataset,
    requirePreparationFolder,
    wordOptions,
    writePreparation,
  } = await import('../prepare/index.js');
  const words = wordOptions(await readConfiguration(undefined, flags.set));
  const dataset = await readDataset(path, {
    ...datasetOptions(flags),
    devShare: flags.dev,
    seed: flags.seed,
  });
  await requirePreparationFolder(flags.out, dataset);
  const images = dataset.examples.map(({ image }) => image);
  const signal = interruptible();
  const progress = startProgress(process.stderr.isTTY === true);
  progress.setTotal(images.length);
  const inspections = await inspectImages(images, { signal, onImage: progress.advance }).finally(
    progress.stop,
  );
  const preparation = await prepareDataset(dataset, mergeInspections([inspections]), words, signal);
  await writePreparation(flags.out, preparation);
  process.stdout.write(`${describePreparation(preparation)}\n`);
}
