// npm run setup: makes training ready. Captioning does not need it. The last line says what it did, or what lacks.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (/** @type {string} */ text) => {
  if (process.stderr.isTTY) console.error(text);
};

/** @returns {Promise<{ ready: boolean, line: string }>} */
async function setUp() {
  // A clone has packages to install and a program to build; what was installed from npm has neither.
  const isClone = existsSync(join(root, 'package-lock.json'));
  const clone = isClone ? await import('./set-up/prepare.mjs') : undefined;
  const problem = await clone?.preparePackages(root);
  if (problem !== undefined) return { ready: false, line: problem };
  const { ensureTensorFlow } = await import('./set-up/tensorflow.mjs');
  const { ready, line } = await ensureTensorFlow(say);
  const unbuilt = await clone?.prepareBuild(root);
  return unbuilt === undefined ? { ready, line } : { ready: false, line: unbuilt };
}

const { ready, line } = await setUp();
console.log(line);
process.exitCode = ready ? 0 : 1;
