// npm run quickstart: from a fresh clone to captions of examples/photos, with no TensorFlow and no other service.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, needsBuild } from './build.mjs';
import { preparePackages } from './set-up/prepare.mjs';
import { run } from './set-up/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Promise<string | undefined>} what went wrong, in one line */
async function prepare() {
  const problem = await preparePackages(root);
  if (problem !== undefined || !needsBuild(root)) return problem;
  console.error('Building …');
  return build();
}

const problem = await prepare();
if (problem === undefined) {
  const legenda = join(root, 'bin', 'legenda.js');
  const photos = join('examples', 'photos');
  const { code } = await run(process.execPath, [legenda, 'caption', photos], { cwd: root, show: true });
  process.exitCode = code;
} else {
  console.error(problem);
  process.exitCode = 1;
}
