import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decide, wheelsFor } from './ladder.mjs';
import { npm, run } from './run.mjs';

/** @typedef {import('./ladder.mjs').Facts} Facts */

const require = createRequire(import.meta.url);

/** A working call, not only an import: a library for another processor loads and then stops the process. */
const probe = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
if (tf.getBackend() !== 'tensorflow') throw new Error('TensorFlow.js chose the backend ' + tf.getBackend());
if (tf.add(2, 3).dataSync()[0] !== 5) throw new Error('TensorFlow adds 2 and 3 wrongly');
`;

/** Folder of @tensorflow/tfjs-node, or undefined. */
function packageFolder() {
  try {
    return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return undefined;
  }
}

/** The line of a program's output that says what went wrong. @param {import('./run.mjs').Outcome} outcome */
export function reasonIn({ code, output, timedOut }) {
  if (timedOut) return 'it took too long';
  const lines = output.split('\n').map((line) => line.trim());
  const found =
    lines.find(
      (line) =>
        /(?:^|\s)(?:\w*Error|error|ERROR|fatal error):? /.test(line) &&
        !/^npm error (?:code|path)/.test(line),
    ) ?? lines.findLast((line) => line !== '');
  return (
    found?.replace(/^(?:npm error|ERROR:|gyp ERR!)\s*/, '').slice(0, 200) ?? `it ended with code ${code}`
  );
}

/** Why TensorFlow does not load in a process of its own, or undefined when it does. @param {string} folder */
async function loadError(folder) {
  const outcome = await run(process.execPath, ['-e', probe, folder], {
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    limitSeconds: 120,
  });
  return outcome.code === 0 && !outcome.timedOut ? undefined : reasonIn(outcome);
}

/** The package's own installer: downloads libtensorflow and the addon from TensorFlow's host. @param {string} folder */
async function install(folder) {
  const project = folder.slice(0, folder.lastIndexOf(`node_modules`));
  // Its own download has no time limit.
  const outcome = await npm(['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false'], {
    cwd: project,
    limitSeconds: 300,
  });
  if (outcome.code !== 0) return reasonIn(outcome);
  const error = await loadError(folder);
  return error === undefined ? undefined : `it ran, but ${error}`;
}

/** Programs that unpacking and building need and this machine lacks. @param {boolean} toDownload */
async function missingTools(toDownload) {
  /** @param {string} command @param {string[]} args */
  const works = async (command, args) => (await run(command, args, { limitSeconds: 60 })).code === 0;
  const compilers = process.env.CXX === undefined ? ['g++', 'clang++', 'c++'] : [process.env.CXX];
  const missing = [];
  let compiler = false;
  for (const name of compilers) compiler ||= await works(name, ['--version']);
  if (!compiler) missing.push('a C++ compiler (g++)');
  if (!(await works('make', ['--version']))) missing.push('make');
  if (!(await works('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']))) {
    missing.push('python3 (3.8 or newer) with pip');
  } else if (toDownload && !(await works('python3', ['-m', 'pip', '--version']))) {
    missing.push('pip for python3 (python3-pip)');
  }
  return missing;
}

/** Names under which the addon's linker and loader look for what the wheel carries. */
const libraryLinks = {
  'libtensorflow_cc.so.2': ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1'],
  'libtensorflow_framework.so.2': ['libtensorflow_framework.so'],
};

/** Says which wheel the folder deps/ came from; written before the folder takes its place. */
const wheelMark = 'wheel.json';

/**
 * Downloads a wheel with pip, which checks its pinned SHA-256, and puts its library in the package's deps/. All happens
 * in a folder beside deps/ that then takes its place.
 * @param {string} folder
 * @param {import('./ladder.mjs').Wheel} wheel
 */
async function unpackWheel(folder, wheel) {
  const staging = join(folder, `.staging-${process.pid}`);
  const deps = join(staging, 'deps');
  try {
    mkdirSync(deps, { recursive: true });
    const requirements = join(staging, 'requirements.txt');
    writeFileSync(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
    const download = await run(
      'python3',
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--no-input',
        '--no-deps',
        '--require-hashes',
        '--only-binary=:all:',
        '--platform',
        wheel.platformTag,
        '--implementation',
        'cp',
        '--python-version',
        '3.11',
        '--abi',
        'cp311',
        '--dest',
        staging,
        '--requirement',
        requirements,
      ],
      { env: { TMPDIR: staging }, limitSeconds: 1800 },
    );
    if (download.code !== 0) return reasonIn(download);
    const file = readdirSync(staging).find((name) => name.endsWith('.whl'));
    if (file === undefined) return 'pip downloaded no wheel';
    const script = fileURLToPath(new URL('unpack_wheel.py', import.meta.url));
    const unpacked = await run('python3', [script, join(staging, file), deps], { limitSeconds: 600 });
    if (unpacked.code !== 0) return reasonIn(unpacked);
    for (const [library, links] of Object.entries(libraryLinks)) {
      for (const link of links) symlinkSync(library, join(deps, 'lib', link));
    }
    writeFileSync(join(deps, wheelMark), JSON.stringify(wheel));
    if (existsSync(join(folder, 'deps'))) renameSync(join(folder, 'deps'), join(staging, 'old'));
    renameSync(deps, join(folder, 'deps'));
    return undefined;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The first of the wheels that can be had. @param {string} folder @param {Facts} facts */
async function unpackBestWheel(folder, facts) {
  /** @type {string | undefined} */
  let problem = 'there is none for this machine';
  for (const wheel of wheelsFor(facts)) {
    const error = await unpackWheel(folder, wheel);
    if (error === undefined) return undefined;
    problem = `${wheel.project} ${wheel.version}: ${error}`;
  }
  return problem;
}

/** Compiles the addon against deps/. @param {string} folder */
async function buildAddon(folder) {
  const prefix = dirname(dirname(process.execPath));
  // Node.js mostly comes with its headers; node-gyp would download them again.
  const headers = existsSync(join(prefix, 'include', 'node', 'node_version.h'))
    ? { npm_config_nodedir: prefix }
    : {};
  const outcome = await npm(['exec', '--no', '--', 'node-pre-gyp', 'install', '--build-from-source'], {
    cwd: folder,
    env: headers,
    limitSeconds: 900,
  });
  rmSync(join(folder, 'build-tmp-napi-v8'), { recursive: true, force: true });
  if (outcome.code !== 0)
    return `the addon of @tensorflow/tfjs-node could not be built: ${reasonIn(outcome)}`;
  const error = await loadError(folder);
  return error === undefined
    ? undefined
    : `the addon of @tensorflow/tfjs-node was built but does not load: ${error}`;
}

/** Removes what interrupted runs left. @param {string} folder */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^\.staging-(\d+)$/.exec(name) ?? [];
    if (pid === undefined) continue;
    try {
      process.kill(Number(pid), 0);
    } catch {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** @typedef {import('./ladder.mjs').Step} Step */
/** @type {Record<Step, string>} */
const doing = {
  install: 'Trying the installer of @tensorflow/tfjs-node …',
  findTools: 'Looking for a compiler …',
  wheel: 'Downloading libtensorflow (230 MB) from PyPI …',
  build: 'Building the addon of @tensorflow/tfjs-node …',
};

/**
 * Makes TensorFlow ready for training unless it is.
 * @param {(text: string) => void} progress is told of each step that takes a while
 * @returns {Promise<{ ready: boolean, line: string }>} `line` says what was done or what lacks
 */
export async function ensureTensorFlow(progress) {
  const folder = packageFolder();
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (
    process.report?.getReport() ?? {}
  );
  /** @type {Facts} */
  let facts = {
    packageInstalled: folder !== undefined,
    loadError: undefined,
    platform: process.platform,
    arch: process.arch,
    glibc: report.header?.glibcVersionRuntime !== undefined,
    wheelUnpacked: folder !== undefined && existsSync(join(folder, 'deps', wheelMark)),
  };
  if (folder !== undefined) {
    removeLeftovers(folder);
    facts.loadError = await loadError(folder);
  }
  let how = 'was ready already';
  for (;;) {
    const decision = decide(facts);
    if ('lacks' in decision) {
      return {
        ready: false,
        line: `TensorFlow is not ready for training: ${decision.lacks}. Captioning works without it.`,
      };
    }
    if ('done' in decision || folder === undefined) return { ready: true, line: `TensorFlow ${how}.` };
    progress(doing[decision.step]);
    switch (decision.step) {
      case 'install': {
        const installerError = await install(folder);
        if (installerError === undefined) how = 'was installed by @tensorflow/tfjs-node';
        facts =
          installerError === undefined ? { ...facts, loadError: undefined } : { ...facts, installerError };
        break;
      }
      case 'findTools':
        facts = { ...facts, missingTools: await missingTools(!facts.wheelUnpacked) };
        break;
      case 'wheel': {
        const wheelError = await unpackBestWheel(folder, facts);
        facts = wheelError === undefined ? { ...facts, wheelUnpacked: true } : { ...facts, wheelError };
        break;
      }
      case 'build': {
        const buildError = await buildAddon(folder);
        if (buildError === undefined) how = 'was built from the libtensorflow of a PyPI wheel';
        facts = buildError === undefined ? { ...facts, loadError: undefined } : { ...facts, buildError };
      }
    }
  }
}
