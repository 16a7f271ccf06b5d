// Joins the files of the `legenda` command, and the small packages that they need, into few: to find and read two hundred would take a
// quarter of the time to the first caption.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What runs as a program of its own: the command, and what it starts by its file's name. */
const PROGRAMS = ['cli/main', 'captioner/network-worker', 'jobs/isolated-process', 'jobs/training-process'];

/** Packages of many small files that every start reads. Their licences go along. */
const JOINED = ['zod', 'commander', 'cli-progress', 'csv-parse', 'csv-stringify'];

/**
 * Writes `command/` into a compiled `dist/`. Its files lie as deep as those they are made of, so that paths from them stay right.
 * @param {string} dist
 */
export async function bundleCommand(dist) {
  // Not there before the packages are installed, which whoever asks only whether to build does not need.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: dist,
    input: Object.fromEntries(PROGRAMS.map((path) => [path.replace(/.*\//, ''), join(dist, `${path}.js`)])),
    platform: 'node',
    // Above all a package that is not found: it would be left to be found where the command runs.
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
    // What a joined package needs is joined too: from here another version of it may be found.
    external: (id, importer) =>
      isPackage(id) &&
      !/[\\/]node_modules[\\/]/.test(importer ?? '') &&
      !JOINED.some((name) => id === name || id.startsWith(`${name}/`)),
  });
  try {
    const { output } = await bundle.write({ dir: join(dist, 'command'), format: 'esm' });
    const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    writeFileSync(join(dist, 'command', 'LICENSES.txt'), licencesOf(modules));
  } finally {
    await bundle.close();
  }
}

/** @param {string} id what an import names */
function isPackage(id) {
  return !/^[./\\]|^[a-z]:/i.test(id);
}

/** The licences of the packages that modules are from. @param {string[]} modules paths */
function licencesOf(modules) {
  const folders = modules.flatMap(
    (path) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? [],
  );
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence to go along`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
