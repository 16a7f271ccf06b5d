import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { LegendaError } from '../errors.js';
import { flushOutput, ignoreClosedStreams, outputFailed } from './closed-streams.js';
import { INTERRUPTED, Interrupted } from './interruption.js';
import { exitCodeOf, reportError } from './report-error.js';

interface LazyCommand {
  readonly name: string;
  readonly summary: string;
  /** Imports the command's file: only when it is asked for, so that `caption` never loads what `train` needs. */
  readonly load: () => Promise<Command>;
}

/** One file a command. */
const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'caption',
    summary: 'write captions for photos',
    load: async () => (await import('./caption.js')).captionCommand(),
  },
  {
    name: 'prepare',
    summary: 'look through pictures with captions before training',
    load: async () => (await import('./prepare.js')).prepareCommand(),
  },
  {
    name: 'train',
    summary: 'train a model on pictures with captions',
    load: async () => (await import('./train.js')).trainCommand(),
  },
  {
    name: 'evaluate',
    summary: 'score a model on pictures with captions',
    load: async () => (await import('./evaluate.js')).evaluateCommand(),
  },
  {
    name: 'export',
    summary: 'write a checkpoint as a model to caption with',
    load: async () => (await import('./export.js')).exportCommand(),
  },
  {
    name: 'calibrate',
    summary: "make the confidence of a model's captions true",
    load: async () => (await import('./calibrate.js')).calibrateCommand(),
  },
  {
    name: 'diagnose',
    summary: 'look inside recurrent networks',
    load: async () => (await import('./diagnose.js')).diagnoseCommand(),
  },
  {
    name: 'work',
    summary: 'do what other programs put in the queue',
    load: async () => (await import('./work.js')).workCommand(),
  },
  {
    name: 'enqueue',
    summary: 'put photos, a training or a data set in the queue',
    load: async () => (await import('./enqueue.js')).enqueueCommand(),
  },
  {
    name: 'jobs',
    summary: 'look after the jobs in the queue',
    load: async () => (await import('./jobs.js')).jobsCommand(),
  },
  {
    name: 'serve',
    summary: 'answer over HTTP, with a page',
    load: async () => (await import('./serve.js')).serveCommand(),
  },
];

const EXAMPLES = `
Examples:
  $ legenda caption photo.jpg
  $ legenda caption holiday/ --recursive --format jsonl --output captions.jsonl

Exit codes: 0 all done, 1 something failed (what could be done is done), 2 wrong usage, 130 interrupted.`;

/**
 * Runs the command line and ends the process with its exit code.
 * @param args what stands after the program's name.
 */
export async function main(args: readonly string[]): Promise<void> {
  ignoreClosedStreams();
  const code = await run(args);
  await flushOutput();
  // Images in the making and a person's next line on standard input are not waited for.
  process.exit(code === 0 && outputFailed() ? 1 : code);
}

async function run(args: readonly string[]): Promise<number> {
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof Interrupted) return INTERRUPTED;
    const known = error instanceof CommanderError ? wrongUsage(error) : error;
    reportError(known);
    return exitCodeOf(known);
  }
}

/** The program with the command that is asked for, and all others by name only. */
async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('legenda')
    .description('Captions photos with a CNN and an LSTM: offline, and retrainable on your own pictures.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError();
  const [first, second] = args.filter((argument) => !argument.startsWith('-'));
  const asked = first === 'help' ? second : first;
  for (const { name, summary, load } of COMMANDS) {
    const command = name === asked ? await load() : new Command(name);
    for (const each of [command, ...command.commands]) each.copyInheritedSettings(program);
    program.addCommand(command.summary(summary));
  }
  return program;
}

function wrongUsage(error: CommanderError): LegendaError {
  if (error.code === 'commander.help') {
    return new LegendaError('USAGE', { expected: 'a command', received: 'none' });
  }
  // Commander words its errors "error: unknown option '--bema'", with a suggestion on a second line.
  const [what = '', ...suggestion] = error.message.replace(/^error: /, '').split('\n');
  const advice = [...suggestion.map((line) => line.replace(/^\(|\?\)$/g, '')), 'see --help'].join('? ');
  const missing = /^missing required argument '(.*)'$/.exec(what);
  return new LegendaError(
    'USAGE',
    missing ? { expected: `<${missing[1]}>`, advice } : { received: what, advice },
  );
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
