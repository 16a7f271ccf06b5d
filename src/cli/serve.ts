import { Command, Option } from 'commander';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import { collect, wholeNumber } from './option-values.js';
import { queuesOption } from './queues-option.js';
import type { ServeFlags } from './serve-run.js';

const HELP = `
The address goes to standard output when requests are welcome; the log, a JSON object a line, to standard error.
Tokens are best given in the environment variable LEGENDA_TOKENS, divided by commas: a command line can be read by others.
On SIGTERM or Ctrl-C the requests under way are finished; a second one ends the process at once.

Examples:
  $ legenda serve
  $ curl -F image=@photo.jpg http://127.0.0.1:4300/v1/captions
  $ export LEGENDA_TOKENS=$(openssl rand -hex 32) && echo "$LEGENDA_TOKENS"
  $ legenda serve --host 0.0.0.0`;

/** `legenda serve`. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Answers over HTTP: captions for photos, and a page to drop photos on.')
    .option(
      '--host <address>',
      'where to listen; other machines reach it only at another address',
      '127.0.0.1',
    )
    .option('--port <n>', 'where to listen; 0 for any that is free', wholeNumber, 4300)
    .addOption(
      new Option('-m, --model <folder>', 'a model to caption with; repeatable: requests name one')
        .argParser(collect)
        .default([], `the one that comes with Legenda, ${DEFAULT_MODEL}`),
    )
    .addOption(
      new Option('--token <token>', 'what clients must show; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(new Option('--redis <url>', 'where Redis is, to serve jobs too').env('LEGENDA_REDIS'))
    .addOption(
      queuesOption(
        'with --redis: which jobs clients may add, of caption, train, preprocess, as in caption,train; caption if not given',
      ),
    )
    .addOption(
      new Option('--root <folder>', 'let requests name files under this folder; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--allow-urls', 'let requests name http and https addresses to fetch photos from', false)
    .option('--allow-private-addresses', 'also such of this machine and of private networks', false)
    .option('--no-token', 'let other machines in without a token')
    .addOption(
      new Option(
        '--allow-host <name>',
        'a name that the server is asked by where it needs no token; repeatable',
      )
        .argParser(collect)
        .default([], 'localhost and IP addresses'),
    )
    .option(
      '--rate-limit <n>',
      'requests that a client may make in a minute; 0 for any number',
      wholeNumber,
      1200,
    )
    .option('--body-limit <mib>', 'the largest body of a request, MiB', wholeNumber, 32)
    .option(
      '--trust-proxy',
      'take the address of a client from what the proxy in front adds to X-Forwarded-For',
      false,
    )
    .addOption(
      new Option('--log-level <level>', 'how much to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText('after', HELP)
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import('./serve-run.js');
      process.exitCode = await runServe(flags);
    });
}
