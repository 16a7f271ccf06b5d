import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonIn, run } from './run.mjs';

/**
 * A program that tests run and that is no npm package.
 * @typedef {{ name: string, commands: string[], package: string }} Program
 *   `commands`: any of them will do; `package`: what Debian and Ubuntu call it.
 */

const cache = fileURLToPath(new URL('../../node_modules/.cache/legenda-programs', import.meta.url));

/** Where a program is: on the path, or unpacked by {@link ensureProgram}. @param {Program} program */
export function findProgram({ commands, package: name }) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(cache, name)];
  const candidates = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Makes a program ready unless it is: installs its Debian package, or without the right to do so unpacks it, and what it needs,
 * into a folder of this project.
 * @param {Program} program
 * @param {(text: string) => void} say is told what takes long
 * @returns {Promise<{ ready: boolean, line: string }>} what was done, or lacks, in a line
 */
export async function ensureProgram(program, say) {
  const { name, package: debian } = program;
  const found = findProgram(program);
  if (found !== undefined) return { ready: true, line: `${name} is there: ${found}` };
  /** @param {string} why */
  const lacks = (why) => ({
    ready: false,
    line: `${name} is missing (${why}): install the package ${debian}`,
  });
  if ((await run('apt-get', ['--version'])).code !== 0)
    return lacks('there is no apt-get to install it with');
  say(`Installing ${debian} …`);
  const problem = (await mayInstall()) ? await install(debian) : await unpack(program);
  const path = findProgram(program);
  if (path === undefined) return lacks(problem ?? 'its package has no such program');
  return { ready: true, line: `${name} was installed: ${path}` };
}

const isRoot = process.getuid?.() === 0;

async function mayInstall() {
  return isRoot || (await run('sudo', ['-n', 'true'])).code === 0;
}

/** @param {string} debian @returns {Promise<string | undefined>} what went wrong */
async function install(debian) {
  /** @param {string[]} args */
  const apt = (...args) => {
    const [command, ...rest] = [...(isRoot ? [] : ['sudo', '-n']), 'apt-get', ...args];
    return run(/** @type {string} */ (command), rest, {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      limitSeconds: 600,
    });
  };
  const arguments_ = ['install', '--yes', '--no-install-recommends', debian];
  if ((await apt(...arguments_)).code === 0) return undefined;
  // The lists of packages may be old, or there are none.
  const updated = await apt('update');
  const installed = await apt(...arguments_);
  if (installed.code === 0) return undefined;
  return reasonIn(updated.code === 0 ? installed : updated);
}

/** @param {Program} program @returns {Promise<string | undefined>} what went wrong */
async function unpack({ commands, package: debian }) {
  const downloads = mkdtempSync(join(tmpdir(), 'legenda-programs-'));
  try {
    if ((await download(debian, downloads)) !== undefined) {
      // The lists of packages may be old, or there are none: with lists of our own.
      const env = { APT_CONFIG: join(downloads, 'apt.conf') };
      writeFileSync(
        env.APT_CONFIG,
        `Dir::State::Lists "${downloads}/lists";\nDir::Cache "${downloads}/cache";\n`,
      );
      for (const folder of ['lists', 'cache']) mkdirSync(join(downloads, folder));
      const updated = await run('apt-get', ['update'], { env, limitSeconds: 600 });
      const problem = await download(debian, downloads, env);
      if (problem !== undefined) return updated.code === 0 ? problem : reasonIn(updated);
    }
    const folder = join(cache, debian);
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb'))) {
      const unpacked = await run('dpkg-deb', ['-x', join(downloads, file), folder]);
      if (unpacked.code !== 0) return reasonIn(unpacked);
    }
    for (const command of commands) wrap(folder, command);
    return undefined;
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

/**
 * Downloads a package and all that it needs.
 * @param {string} debian
 * @param {string} folder
 * @param {{ APT_CONFIG?: string }} [env]
 * @returns {Promise<string | undefined>} what went wrong
 */
async function download(debian, folder, env = {}) {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const omitted = kinds.map((kind) => `--no-${kind}`);
  const depends = await run('apt-cache', ['depends', '--recurse', ...omitted, debian], { env });
  if (depends.code !== 0) return reasonIn(depends);
  // Lines that are not indented are packages; those in angle brackets are only names that others provide.
  const packages = depends.output
    .split('\n')
    .filter((line) => /^[a-z0-9]/.test(line) && !/^libc6\b/.test(line));
  const got = await run('apt-get', ['download', ...packages], { cwd: folder, env, limitSeconds: 600 });
  return got.code === 0 ? undefined : reasonIn(got);
}

/** Puts a command in the folder that runs the unpacked one with its libraries. @param {string} folder @param {string} command */
function wrap(folder, command) {
  const program = join(folder, 'usr', 'bin', command);
  const libraries = ['usr/lib', 'lib'].flatMap((lib) => {
    try {
      return readdirSync(join(folder, lib), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
        .map((entry) => join(folder, lib, entry.name));
    } catch {
      return [];
    }
  });
  try {
    accessSync(program, constants.X_OK);
  } catch {
    return;
  }
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(':')}' exec '${program}' "$@"\n`;
  writeFileSync(join(folder, command), script, { mode: 0o755 });
}
