import { Command, Option } from 'commander';
import type { Precision } from '../bundle/index.js';
import { LegendaError } from '../errors.js';
import { addDatasetOptions, type DatasetFlags, datasetOptions } from './dataset-options.js';
import { collect } from './option-values.js';

interface ExportFlags extends DatasetFlags {
  readonly out: string;
  readonly precision: Precision;
  readonly data: readonly string[];
}

const EXAMPLES = `
Examples:
  $ legenda export run/best --out my-model
  $ legenda export run/best --out my-model --precision int8 --data flickr8k/`;

/** `legenda export <checkpoint>`: a checkpoint of a training run as a bundle. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a checkpoint of a training run as a model to caption with')
    .argument('<checkpoint>', 'run/best, or a folder under run/checkpoints')
    .requiredOption('--out <folder>', 'folder of the model; what stood there is replaced')
    .addOption(
      new Option(
        '--precision <precision>',
        'how weights are stored: fp16 is half the size of fp32 and as good, int8 a quarter and twice as fast',
      )
        .choices(['fp32', 'fp16', 'int8'])
        .default('fp16'),
    )
    .option(
      '--data <path>',
      'for int8: a data set that the model learnt from, to see how large its activations are; repeatable',
      collect,
      [],
    );
  return addDatasetOptions(command).addHelpText('after', EXAMPLES).action(runExport);
}

async function runExport(checkpoint: string, flags: ExportFlags): Promise<void> {
  const { precision } = flags;
  if (precision === 'int8' && flags.data.length === 0) {
    throw new LegendaError('USAGE', { expected: 'at least one --data with --precision int8' });
  }
  const { calibrateCheckpoint, exportCheckpoint } = await import('../training/export-checkpoint.js');
  const calibration =
    precision === 'int8' ? await calibrateCheckpoint(checkpoint, await trainingPictures(flags)) : undefined;
  await exportCheckpoint(checkpoint, flags.out, { precision, calibration });
  process.stdout.write(`${flags.out}\n`);
}

/** Paths of the pictures of all train splits. */
async function trainingPictures(flags: ExportFlags): Promise<string[]> {
  const { readDataset } = await import('../datasets/index.js');
  const pictures: string[][] = [];
  for (const path of flags.data) {
    const { examples } = await readDataset(path, datasetOptions(flags));
    pictures.push(examples.filter(({ split }) => split === 'train').map(({ image }) => image));
  }
  return pictures.flat();
}
