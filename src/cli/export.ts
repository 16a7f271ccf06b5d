import { Command, Option } from 'commander';

interface ExportFlags {
  readonly out: string;
  readonly precision: 'fp32' | 'fp16';
}

/** `legenda export <checkpoint>`: a checkpoint of a training run as a bundle. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Writes a checkpoint of a training run as a model to caption with.')
    .argument('<checkpoint>', 'run/best, or a folder under run/checkpoints')
    .requiredOption('--out <folder>', 'folder of the model; what stood there is replaced')
    .addOption(
      new Option('--precision <precision>', 'how weights are stored: fp16 is half the size and as good')
        .choices(['fp32', 'fp16'])
        .default('fp16'),
    )
    .addHelpText('after', '\nExample:\n  $ legenda export run/best --out my-model')
    .action(async (checkpoint: string, flags: ExportFlags) => {
      const { exportCheckpoint } = await import('../training/export-checkpoint.js');
      await exportCheckpoint(checkpoint, flags.out, flags.precision);
      process.stdout.write(`${flags.out}\n`);
    });
}
