// npm run encoder -- NAME [FOLDER]: brings an encoder over from PyPI, to FOLDER or to where training looks for it by name.
import { fileURLToPath } from 'node:url';
import { build, needsBuild } from './build.mjs';

const [name, folder] = process.argv.slice(2);

/** @returns {Promise<string | undefined>} what went wrong, in one line */
async function bring() {
  const problem = needsBuild(fileURLToPath(new URL('..', import.meta.url))) ? await build() : undefined;
  if (problem !== undefined) return problem;
  const { EFFICIENTNET_LITE_NAMES } = await import('../dist/encoder/efficientnet-lite.js');
  const known = EFFICIENTNET_LITE_NAMES.find((other) => other === name);
  if (known === undefined) return `Usage: npm run encoder -- ${EFFICIENTNET_LITE_NAMES.join('|')} [FOLDER]`;
  const { bringEfficientNetLite, encoderCache } = await import('../dist/encoder/load-efficientnet-lite.js');
  const target = folder ?? encoderCache(known);
  try {
    await bringEfficientNetLite(known, target);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  console.log(`${known} lies in ${target}.`);
  return undefined;
}

const problem = await bring();
if (problem !== undefined) console.error(problem);
process.exitCode = problem === undefined ? 0 : 1;
