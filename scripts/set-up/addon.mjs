import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm, reasonIn, run } from './run.mjs';

/** A working call, not only an import: a library for another processor loads and then stops the process. */
const probe = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
if (tf.getBackend() !== 'tensorflow') throw new Error('TensorFlow.js chose the backend ' + tf.getBackend());
if (tf.add(2, 3).dataSync()[0] !== 5) throw new Error('TensorFlow adds 2 and 3 wrongly');
`;

/** Why TensorFlow does not load in a process of its own, or undefined when it does. @param {string} folder */
export async function loadError(folder) {
  const outcome = await run(process.execPath, ['-e', probe, folder], {
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    limitSeconds: 120,
  });
  return outcome.code === 0 && !outcome.timedOut ? undefined : reasonIn(outcome);
}

/** Node.js mostly comes with its headers; node-gyp would download them again. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node_version.h')) ? { npm_config_nodedir: prefix } : {};
}

/** Runs the package's own installer, which downloads from TensorFlow's host. Returns why it failed. @param {string} folder */
export async function install(folder) {
  const project = folder.slice(0, folder.lastIndexOf('node_modules'));
  const outcome = await npm(['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false'], {
    cwd: project,
    env: headers(),
    // Its own download has no time limit.
    limitSeconds: 300,
  });
  return outcome.code === 0 ? undefined : reasonIn(outcome);
}

/** Compiles the addon against deps/. Returns why that failed. @param {string} folder */
export async function buildAddon(folder) {
  const outcome = await npm(['exec', '--no', '--', 'node-pre-gyp', 'install', '--build-from-source'], {
    cwd: folder,
    env: headers(),
    limitSeconds: 900,
  });
  rmSync(join(folder, 'build-tmp-napi-v8'), { recursive: true, force: true });
  return outcome.code === 0 ? undefined : reasonIn(outcome);
}
