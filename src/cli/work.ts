import { Command, Option } from 'commander';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import { collect, count, wholeNumber } from './option-values.js';
import { queuesOption } from './queues-option.js';
import { redisOption } from './redis-option.js';
import type { WorkFlags } from './work-run.js';

const HELP = `
Takes jobs from the queue until it is told to end (SIGTERM, Ctrl-C). Start as many as you have machines. What it does
stands on standard error, a JSON object a line.

A job's images may be files below a --root, addresses with --allow-urls, and bytes. With --queues train it also trains, one run at
a time, on data below a --root, into folders below --runs; with --queues preprocess it looks through data sets with others.
See docs/queue.md.

Examples:
  $ legenda work --root /srv/photos
  $ legenda work --redis redis://queue.example:6379 --root /srv/photos --model models/default --model models/birds
  $ legenda work --queues train,preprocess --root /srv/data --runs /srv/runs`;

/** `legenda work`. */
export function workCommand(): Command {
  return new Command('work')
    .description('Does what other programs put in the queue.')
    .addOption(redisOption())
    .addOption(
      queuesOption('which jobs to take: caption, train, preprocess, or several as in caption,train').default(
        ['caption'],
        'caption',
      ),
    )
    .addOption(
      new Option(
        '--root <folder>',
        'jobs may name files below this folder; repeatable, and what a relative path is looked for in',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--allow-urls', 'jobs may name http and https addresses', false)
    .option('--allow-private-addresses', 'also such as lead to this machine or a private network', false)
    .addOption(
      new Option(
        '-m, --model <folder>',
        'a model to caption with; repeatable, the first for jobs that name none',
      )
        .argParser(collect)
        .default([], 'the one that comes with Legenda'),
    )
    .option('--runs <folder>', 'train, preprocess: where the runs are')
    .option('--concurrency <n>', 'caption jobs under way at once', count, 64)
    .option('--remember <minutes>', 'how long what was made of an image is kept; 0: not', wholeNumber, 60)
    .option('--stalled-after <seconds>', 'how soon jobs of a worker that died are done by others', count, 30)
    .option(
      '--grace <seconds>',
      'told to end: how long to finish jobs, or to save what is trained, before they are given back',
      wholeNumber,
      20,
    )
    .addHelpText('after', HELP)
    .action(async (options: WorkFlags) => {
      const { runWork } = await import('./work-run.js');
      const model = options.model.length === 0 ? [DEFAULT_MODEL] : options.model;
      process.exitCode = await runWork({ ...options, model });
    });
}
