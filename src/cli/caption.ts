import { Command, Option } from 'commander';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import { NetworkThread, threadsHere } from '../captioner/network-thread.js';
import { type CaptionFlags, requireSense } from './caption-flags.js';
import { FORMATS } from './format-names.js';
import { count, number } from './option-values.js';
import { addSearchOptions } from './search-options.js';

const HELP = `
Captions go to standard output, or to --output, in the order of the photos; everything else goes to standard error.
  text   the path, a tab, the caption (with --top, more captions after more tabs)
  jsonl  {"image","caption","confidence","captions":[{"text","logProbability","confidence"}],"tags":[{"label",
         "probability"}],"model"} a line, or {"image","error":{"code","message"}}
  csv    a header, then image, caption, confidence, error_code, error_message
A photo that cannot be read is named with an error code and does not stop the others; the exit code is then 1.
A photo whose captions are all below --min-confidence keeps its line, with no caption; in jsonl with null and the reason.

Examples:
  $ legenda caption photo.jpg
  $ legenda caption holiday/ --recursive --format csv --output holiday.csv
  $ legenda caption holiday/ --recursive --format csv --output holiday.csv --resume
  $ find . -newer last-run -name '*.jpg' | legenda caption - --format jsonl
  $ legenda caption dataset/ --write sidecar        (writes dataset/x.txt beside dataset/x.jpg)
  $ legenda caption holiday/ --explain looked       (then open looked/index.html)`;

/** `legenda caption <path…>`. */
export function captionCommand(): Command {
  const command = new Command('caption')
    .description('Writes a caption for each photo, as soon as it is made.')
    .argument(
      '<path...>',
      'photos, folders of photos, or - for a list of paths on standard input, one a line',
    )
    .addOption(
      new Option('-m, --model <folder>', 'the model to caption with').default(
        DEFAULT_MODEL,
        'the one that comes with Legenda',
      ),
    )
    .addOption(
      new Option('-f, --format <format>', "text, unless --output's name ends in .jsonl or .csv").choices(
        FORMATS,
      ),
    )
    .option('-o, --output <file>', 'write the captions to this file, one by one')
    .option('-r, --recursive', 'look for photos in sub-folders too', false)
    .option(
      '--resume',
      'go on with an --output that was begun, or with sidecars: caption only what is missing or failed',
      false,
    )
    .option('--overwrite', 'replace an --output, sidecars or an --explain folder that exist', false)
    .option('--top <n>', 'captions to give for each photo, best first', count, 1)
    .option('--batch <n>', 'photos that run through the network at once', count)
    .option(
      '--min-confidence <p>',
      'leave out captions that are good with less than this probability, 0 to 1',
      number(0, 1),
    )
    .option('--explain <folder>', 'also write a page and pictures of where the model looked for each word')
    .addOption(
      new Option('--write <what>', 'sidecar: also write each caption to x.txt beside x.jpg')
        .choices(['none', 'sidecar'])
        .default('none'),
    );
  return addSearchOptions(command)
    .addHelpText('after', HELP)
    .action(async (paths: string[], options: CaptionFlags) => {
      requireSense(options);
      // A quarter of the time to the first caption is what the thread and this one read of their programs: they do so at once.
      if (threadsHere() > 1) void NetworkThread.startAhead(options.model);
      const { runCaption } = await import('./caption-run.js');
      process.exitCode = await runCaption(paths, options);
    });
}
