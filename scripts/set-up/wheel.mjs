import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wheelsFor } from './ladder.mjs';
import { reasonIn, run } from './run.mjs';

/** Names under which the addon's linker and loader look for what the wheel carries. */
const libraryLinks = {
  'libtensorflow_cc.so.2': ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1'],
  'libtensorflow_framework.so.2': ['libtensorflow_framework.so'],
};

/** Says which wheel the folder deps/ came from; written before the folder takes its place. */
const wheelMark = 'wheel.json';

/** Which wheel lies in deps/, such as "tensorflow-cpu 2.18.1", or undefined. @param {string} folder */
export function wheelIn(folder) {
  if (!existsSync(join(folder, 'deps', wheelMark))) return undefined;
  const { project, version } = JSON.parse(readFileSync(join(folder, 'deps', wheelMark), 'utf8'));
  return `${project} ${version}`;
}

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
    const target = `--platform ${wheel.platformTag} --implementation cp --python-version 3.11 --abi cp311`;
    const options = `--quiet --no-input --no-deps --require-hashes --only-binary=:all: ${target}`.split(' ');
    const download = await run(
      'python3',
      ['-m', 'pip', 'download', ...options, '--dest', staging, '--requirement', requirements],
      // pip unpacks in its folder for temporary files, which may be too small elsewhere.
      { env: { TMPDIR: staging, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, limitSeconds: 1800 },
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

/**
 * Unpacks the first of the wheels that can be had. Returns why none can, or undefined.
 * @param {string} folder
 * @param {import('./ladder.mjs').Facts} facts
 */
export async function unpackBestWheel(folder, facts) {
  const problems = [];
  for (const wheel of wheelsFor(facts)) {
    const error = await unpackWheel(folder, wheel);
    if (error === undefined) return undefined;
    const advice = error.includes('(from versions: none)') ? ' (is PyPI within reach?)' : '';
    problems.push(`${error}${advice}`);
  }
  return problems[0];
}

/** Removes what interrupted runs left. @param {string} folder */
export function removeLeftovers(folder) {
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
