import { Command, Option } from 'commander';
import { QUEUES } from '../jobs/queue-names.js';
import { count } from './option-values.js';
import { redisOption } from './redis-option.js';

const STATES = [
  'waiting',
  'prioritized',
  'active',
  'delayed',
  'waiting-children',
  'completed',
  'failed',
] as const;

/** Commands that are about all jobs of a queue; the others but `list` are about jobs, whose ids tell theirs. */
const OF_A_QUEUE: readonly string[] = ['pause', 'resume', 'drain'];

function queueOption(command: string): Option {
  const option = new Option('--queue <name>', 'which queue').choices(QUEUES);
  if (OF_A_QUEUE.includes(command)) return option.default('caption');
  return option.default(
    undefined,
    command === 'list' ? 'all' : 'as the id tells: train-… is a train job, preprocess-… a preprocess job',
  );
}

/** `legenda jobs list|show|wait|retry|cancel|pause|resume|drain`. */
export function jobsCommand(): Command {
  const command = new Command('jobs').description('Looks after the jobs in the queue.');
  const run = async () => import('./jobs-run.js');
  const add = (name: string, description: string) => {
    const added = new Command(name)
      .description(description)
      .addOption(redisOption())
      .addOption(queueOption(name));
    command.addCommand(added);
    return added;
  };
  add('list', 'Lists jobs, the latest first.')
    .addOption(
      new Option('--state <state...>', 'only jobs of these states')
        .choices(STATES)
        .default([...STATES], 'all'),
    )
    .option('--most <n>', 'at most so many', count, 20)
    .action(async (options) => (await run()).listJobs(options));
  add('show', 'Shows a job.')
    .argument('<id>')
    .action(async (id, options) => (await run()).showJob(id, options));
  add('wait', 'Waits for a job and writes its captions as JSON lines, or where what it made is.')
    .argument('<id>')
    .option('-o, --output <file>', 'write the captions to this file, when all are there')
    .option('--overwrite', 'replace an --output that exists', false)
    .action(async (id, options) => {
      process.exitCode = await (await run()).waitForJob(id, options);
    });
  add('retry', 'Has failed jobs done again.')
    .argument('<id...>')
    .action(async (ids, options) => (await run()).retryJobs(ids, options));
  add('cancel', 'Takes jobs back: those that wait are removed, those under way end soon.')
    .argument('<id...>')
    .action(async (ids, options) => (await run()).cancelJobs(ids, options));
  add('pause', 'Lets workers begin no further job.').action(async (options) =>
    (await run()).pauseJobs(options),
  );
  add('resume', 'Lets workers go on.').action(async (options) => (await run()).resumeJobs(options));
  add('drain', 'Removes all jobs that wait.').action(async (options) => (await run()).drainJobs(options));
  return command;
}
