// npm run train:default -- --data FLICKR8K --data COCO --text CAPTIONS … [--out FOLDER]: the model that comes with Legenda,
// from the data to its bundle. Run again after a stop, it goes on where it was.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareTraining } from './set-up/prepare.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const USAGE =
  'Usage: npm run train:default -- --data FLICKR8K --data COCO [--text CAPTIONS …] [--out FOLDER]; see docs/quality.md';

/** Runs a command of Legenda. @param {string[]} parts @returns {Promise<number>} its exit code */
async function legenda(...parts) {
  return (await run(process.execPath, [join(root, 'bin', 'legenda.js'), ...parts], { show: true })).code;
}

/** @returns {Promise<number>} the exit code */
async function trainDefault() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', multiple: true, default: [] },
      text: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'train-default' },
    },
  });
  const { data, text, out } = values;
  if (data.length === 0) throw new Error(USAGE);
  const problem = await prepareTraining(root);
  if (problem !== undefined) throw new Error(problem);

  const pictures = data.flatMap((path) => ['--data', path]);
  const texts = text.flatMap((path) => ['--text', path]);
  const runs = { begin: join(out, 'begin'), continue: join(out, 'continue'), views: join(out, 'views') };
  const model = join(runs.views, 'model');
  /** @param {keyof typeof runs} name @param {string[]} more */
  const train = (name, ...more) => {
    const folder = runs[name];
    const resume = existsSync(join(folder, 'checkpoints')) ? ['--resume'] : [];
    const configuration = join(root, 'scripts', 'default-model', `${name}.json`);
    return legenda('train', configuration, ...pictures, ...more, '--out', folder, ...resume);
  };
  return (
    (await train('begin', ...texts)) ||
    (await train('continue', '--init', join(runs.begin, 'model'))) ||
    (await train('views', '--init', join(runs.continue, 'model'))) ||
    // Last, on the model as it is shipped: a confidence is that of its precision and search.
    legenda('calibrate', model, ...pictures)
  );
}

try {
  process.exitCode = await trainDefault();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
