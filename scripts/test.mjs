// npm test: installs what is missing, builds, and runs the tests; arguments go on to vitest. The last line counts them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './set-up/browser.mjs';
import { prepareTraining } from './set-up/prepare.mjs';
import { ensurePython } from './set-up/python.mjs';
import { ensureRedis } from './set-up/redis.mjs';
import { run } from './set-up/run.mjs';

/** @typedef {import('./set-up/test-totals.mjs').Totals} Totals */

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Promise<string | undefined>} what went wrong, in one line */
async function prepare() {
  const problem = await prepareTraining(root);
  if (problem !== undefined) return problem;
  // Tests that need them are skipped without, and say so.
  for (const ensure of [ensureRedis, ensureBrowser, ensurePython]) {
    const program = await ensure((text) => console.error(text));
    if (!program.ready) console.error(program.line);
  }
  return undefined;
}

/** Runs vitest. @returns {Promise<Totals>} */
async function test() {
  const folder = mkdtempSync(join(tmpdir(), 'legenda-test-'));
  const file = join(folder, 'totals.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporter = fileURLToPath(new URL('set-up/test-totals.mjs', import.meta.url));
    const { code } = await run(
      process.execPath,
      [vitest, 'run', '--reporter=default', `--reporter=${reporter}`, ...process.argv.slice(2)],
      { cwd: root, env: { LEGENDA_TEST_TOTALS: file }, show: true },
    );
    /** @type {Totals} */
    const totals = JSON.parse(readFileSync(file, 'utf8'));
    if (code !== 0 && totals.failed === 0) return { ...totals, failed: 1 };
    return totals;
  } catch {
    console.error('vitest ended without a result.');
    return { passed: 0, failed: 1, skipped: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const problem = await prepare();
if (problem !== undefined) console.error(problem);
const { passed, failed, skipped } =
  problem === undefined ? await test() : { passed: 0, failed: 1, skipped: [] };
for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
