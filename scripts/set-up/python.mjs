import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonIn, run } from './run.mjs';

const ENVIRONMENT = fileURLToPath(
  new URL('../../node_modules/.cache/legenda-programs/python', import.meta.url),
);
const PYTHON = join(ENVIRONMENT, 'bin', 'python');
/** What examples/queue needs of PyPI. */
const PACKAGE = 'bullmq>=3.4,<4';

/** A Python with the package bullmq: the one that LEGENDA_PYTHON names, ours, or that of the path; undefined without. */
export function findPython() {
  const candidates = [process.env.LEGENDA_PYTHON ?? '', PYTHON, 'python3'];
  return candidates.find((python) => {
    try {
      execFileSync(python, ['-c', 'import bullmq'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Makes a Python with bullmq ready for the example's test, in a virtual environment of this project.
 * @param {(text: string) => void} say is told what takes long
 * @returns {Promise<{ ready: boolean, line: string }>} what was done, or lacks, in a line
 */
export async function ensurePython(say) {
  const found = findPython();
  if (found !== undefined) return { ready: true, line: `Python with bullmq is there: ${found}` };
  /** @param {string} why */
  const lacks = (why) => ({ ready: false, line: `Python with the package bullmq is missing (${why})` });
  if ((await run('python3', ['--version'])).code !== 0) return lacks('there is no python3');
  say('Installing bullmq of PyPI …');
  const limits = { limitSeconds: 120 };
  const made = await run('python3', ['-m', 'venv', '--clear', ENVIRONMENT], limits);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', PACKAGE];
  const installed = made.code === 0 ? await run(PYTHON, pip, limits) : made;
  if (installed.code === 0) return { ready: true, line: `bullmq was installed: ${PYTHON}` };
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  return lacks(reasonIn(installed));
}
