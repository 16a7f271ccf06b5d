import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { buildAddon, install, loadError } from './addon.mjs';
import { decide } from './ladder.mjs';
import { missingTools } from './tools.mjs';
import { removeLeftovers, unpackBestWheel, wheelIn } from './wheel.mjs';

/** @typedef {import('./ladder.mjs').Facts} Facts */
/** @typedef {import('./ladder.mjs').Step} Step */

const require = createRequire(import.meta.url);

/** Folder of @tensorflow/tfjs-node, or undefined. */
function packageFolder() {
  try {
    return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return undefined;
  }
}

function usesGlibc() {
  if (process.platform !== 'linux' || process.report === undefined) return false;
  // The report would look up the names of all open connections.
  Object.assign(process.report, { excludeNetwork: true });
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header?.glibcVersionRuntime !== undefined;
}

/** @type {Record<Step, string>} */
const doing = {
  install: 'Trying the installer of @tensorflow/tfjs-node …',
  findTools: 'Looking for a compiler …',
  wheel: 'Downloading libtensorflow (230 MB) from PyPI …',
  build: 'Building the addon of @tensorflow/tfjs-node …',
};

/**
 * Takes one step. Returns what is known after it.
 * @param {Step} step
 * @param {string} folder
 * @param {Facts} facts
 * @returns {Promise<Facts>}
 */
async function take(step, folder, facts) {
  if (step === 'findTools') return { ...facts, missingTools: await missingTools(!facts.wheelUnpacked) };
  if (step === 'wheel') {
    const wheelError = await unpackBestWheel(folder, facts);
    return wheelError === undefined ? { ...facts, wheelUnpacked: true } : { ...facts, wheelError };
  }
  if (step === 'install') {
    const installerError = (await install(folder)) ?? (await loadError(folder));
    return installerError === undefined ? { ...facts, loadError: undefined } : { ...facts, installerError };
  }
  const buildError = (await buildAddon(folder)) ?? (await loadError(folder));
  return buildError === undefined ? { ...facts, loadError: undefined } : { ...facts, buildError };
}

/**
 * Makes TensorFlow ready for training unless it is.
 * @param {(text: string) => void} progress is told of each step that takes a while
 * @returns {Promise<{ ready: boolean, line: string }>} `line` says what was done or what lacks
 */
export async function ensureTensorFlow(progress) {
  const folder = packageFolder();
  if (folder !== undefined) removeLeftovers(folder);
  /** @type {Facts} */
  let facts = {
    packageInstalled: folder !== undefined,
    loadError: folder === undefined ? undefined : await loadError(folder),
    platform: process.platform,
    arch: process.arch,
    glibc: usesGlibc(),
    wheelUnpacked: folder !== undefined && wheelIn(folder) !== undefined,
  };
  /** @type {Step | undefined} */
  let last;
  for (;;) {
    const decision = decide(facts);
    if ('lacks' in decision || folder === undefined) {
      const lacks = 'lacks' in decision ? decision.lacks : 'its package is not installed';
      return {
        ready: false,
        line: `TensorFlow is not ready for training: ${lacks}. Captioning works without it.`,
      };
    }
    if ('done' in decision) {
      const how = {
        build: `was built from the libtensorflow of ${wheelIn(folder)}, a wheel of PyPI`,
        install: 'was installed by its own installer',
      };
      return {
        ready: true,
        line: `TensorFlow ${how[/** @type {'build' | 'install'} */ (last)] ?? 'is ready'}.`,
      };
    }
    progress(doing[decision.step]);
    facts = await take(decision.step, folder, facts);
    last = decision.step;
  }
}
