import { Command, Option } from 'commander';
import { addDatasetOptions } from './dataset-options.js';
import type { EnqueuePreprocessFlags } from './enqueue-preprocess.js';
import type { EnqueueFlags } from './enqueue-run.js';
import type { EnqueueTrainFlags } from './enqueue-train.js';
import { collect, count, number, wholeNumber } from './option-values.js';
import { redisOption } from './redis-option.js';
import { addSearchOptions } from './search-options.js';

const HELP = `
Prints the job's id, and with --output waits for its captions instead. More than a hundred photos are spread over the workers.
Workers read the photos themselves, by their absolute paths: each needs the same folders, and a --root that they are below.

Examples:
  $ legenda enqueue caption holiday/ --recursive --output holiday.jsonl
  $ legenda jobs wait $(legenda enqueue caption photo.jpg)`;

const TRAIN_HELP = `
Prints the job's id. Workers read the data themselves, by its absolute path: each needs the same folders, and a --root that they are
below. The run is in a folder of its name below the worker's --runs; its model in model/ there.

Examples:
  $ legenda enqueue train --data /srv/data/birds --name birds --init legenda-default
  $ legenda jobs wait $(legenda enqueue train flickr.json --data /srv/data/flickr8k --name flickr)`;

const PREPROCESS_HELP = `
Prints the job's id, and with --wait its folder when it is done. Workers look through the pictures together, and write what legenda
prepare does. They read the data themselves, by its absolute path: each needs the same folders, and a --root that they are below. The
folder is prepared/ in one of the given name below the workers' --runs.

Examples:
  $ legenda enqueue preprocess /srv/data/birds --out birds --wait
  $ legenda jobs wait $(legenda enqueue preprocess shop.csv --columns image=photo,caption=title --out shop)`;

/** `legenda enqueue caption|train|preprocess`. */
export function enqueueCommand(): Command {
  const caption = new Command('caption')
    .summary('ask workers to caption photos')
    .description('Puts photos in the queue for workers to caption (legenda work).')
    .argument(
      '<path...>',
      'photos, folders of photos, or - for a list of paths on standard input, one a line',
    )
    .addOption(redisOption())
    .option('-r, --recursive', 'look for photos in sub-folders too', false)
    .option(
      '-o, --output <file>',
      'wait, and write the captions to this file as JSON lines when all are there',
    )
    .option('--overwrite', 'replace an --output that exists', false)
    .option(
      '-m, --model <name>',
      "the name of a model that the workers have; the workers' first if not given",
    )
    .option('--top <n>', 'captions to give for each photo, best first', count, 1)
    .option(
      '--min-confidence <p>',
      'leave out captions that are good with less than this probability, 0 to 1',
      number(0, 1),
    )
    .option('--priority <n>', '1 is first, and so on; jobs without come before those', count)
    .option('--delay <seconds>', 'do not begin before so long', number(0))
    .option('--deduplicate', 'where the same job waits or runs already, give the id of that', false)
    .addOption(new Option('--callback <url>', 'also send the result to this address, signed'));
  addSearchOptions(caption)
    .addHelpText('after', HELP)
    .action(async (paths: string[], options: EnqueueFlags) => {
      const { runEnqueue } = await import('./enqueue-run.js');
      process.exitCode = await runEnqueue(paths, options);
    });
  return new Command('enqueue')
    .description('Puts work in the queue for workers to do.')
    .addCommand(caption)
    .addCommand(trainCommand())
    .addCommand(preprocessCommand());
}

function trainCommand(): Command {
  return new Command('train')
    .summary('ask a worker to train a model')
    .description('Puts a training in the queue for a worker to do (legenda work --queues train).')
    .argument('[config]', 'a JSON file of settings that differ from the defaults')
    .addOption(redisOption())
    .requiredOption('--name <name>', "the run's folder; no other run of the workers may have it")
    .requiredOption('--data <path>', 'a data set; repeat it to learn from several at once', collect)
    .option(
      '--text <file>',
      'captions without pictures, to learn to write from first; repeatable',
      collect,
      [],
    )
    .option('--init <model>', "go on from a trained model: a name of the workers', or a folder")
    .option('--set <key=value>', 'one setting; repeatable', collect, [])
    .option('--priority <n>', '1 is first, and so on; jobs without come before those', count)
    .option('--delay <seconds>', 'do not begin before so long', number(0))
    .addHelpText('after', TRAIN_HELP)
    .action(async (config: string | undefined, options: EnqueueTrainFlags) => {
      const { runEnqueueTrain } = await import('./enqueue-train.js');
      await runEnqueueTrain(config, options);
    });
}

function preprocessCommand(): Command {
  const command = new Command('preprocess')
    .summary('ask workers to look through a data set')
    .description('Has workers look through pictures with captions (legenda work --queues preprocess).')
    .argument('<dataset>', 'a data set in any format that train reads')
    .addOption(redisOption())
    .requiredOption('--out <name>', "the folder's name; no other run of the workers may have it")
    .option(
      '--dev <share>',
      'share of pictures for dev, and as many for test, where the data has none (0.05)',
      number(0.001, 0.45),
    )
    .option('--seed <number>', 'decides which pictures these are (0)', wholeNumber)
    .option('--set <key=value>', 'a setting of the training that it is for; repeatable', collect, [])
    .option('--wait', 'wait, and print the folder when it is there', false)
    .option('--priority <n>', '1 is first, and so on; jobs without come before those', count)
    .option('--delay <seconds>', 'do not begin before so long', number(0));
  return addDatasetOptions(command)
    .addHelpText('after', PREPROCESS_HELP)
    .action(async (path: string, options: EnqueuePreprocessFlags) => {
      const { runEnqueuePreprocess } = await import('./enqueue-preprocess.js');
      process.exitCode = await runEnqueuePreprocess(path, options);
    });
}
