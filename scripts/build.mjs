// npm run build: compiles src/ to dist/, copies the web page there, and joins the command's files into dist/command/; dist/ is at
// every moment either as it was or complete.
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from './bundle-command.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Times of change of everything under a folder, the folders too: a deleted file changes its folder. @param {string} folder */
function timesUnder(folder) {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return [folder, ...entries.map((entry) => join(folder, entry))].map((path) => statSync(path).mtimeMs);
}

/**
 * Whether dist/ is missing or older than what it is made from.
 * @param {string} folder the repository
 */
export function needsBuild(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(join(dist, 'index.js'))) return true;
  const sources = [
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/bundle-command.mjs',
  ].map((name) => join(folder, name));
  const newest = Math.max(
    ...timesUnder(join(folder, 'src')),
    ...sources.map((path) => statSync(path).mtimeMs),
  );
  return statSync(join(dist, 'index.js')).mtimeMs < newest;
}

/** The page's files go to the browser as they are. @param {string} folder what takes the place of dist/ */
function copyPage(folder) {
  cpSync(join(root, 'src', 'server', 'page'), join(folder, 'server', 'page'), {
    recursive: true,
    filter: (path) => !/\.(ts|json)$/.test(path),
  });
}

/** Compiles, into a sibling that then takes the place of dist/. Returns one line if that fails, else undefined. */
export async function build() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const sibling = join(root, `.dist-${process.pid}`);
  try {
    const { code } = await run(
      process.execPath,
      [compiler, '-p', 'tsconfig.build.json', '--outDir', sibling],
      { cwd: root, show: true },
    );
    if (code !== 0) return 'The build failed: see the compiler’s messages above.';
    copyPage(sibling);
    const problem = await bundleCommand(sibling).catch(
      (error) => `The command's files could not be joined: ${error.message}`,
    );
    if (problem !== undefined) return problem;
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(sibling, join(root, 'dist'));
    return undefined;
  } finally {
    rmSync(sibling, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await build();
  if (problem !== undefined) console.error(problem);
  process.exitCode = problem === undefined ? 0 : 1;
}
