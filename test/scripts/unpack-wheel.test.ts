import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/set-up/unpack_wheel.py', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;

/** Writes a wheel of the given members, whose RECORD is right but for `lied`. */
const makeWheel = `
import base64, hashlib, json, sys, zipfile
path, members, lied = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
with zipfile.ZipFile(path, 'w') as wheel:
    record = ''
    for name, text in members.items():
        wheel.writestr(name, text)
        digest = hashlib.sha256((text + ('!' if name == lied else '')).encode()).digest()
        record += f"{name},sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()},{len(text)}\\n"
    wheel.writestr('tensorflow_cpu-1.dist-info/RECORD', record)
`;

const library = 'tensorflow/libtensorflow_cc.so.2';
const members = {
  [library]: 'the library',
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/include/tensorflow/c/c_api.h': 'a header',
  'tensorflow/python/module.py': 'not needed',
};

describe.skipIf(!python)('unpacking libtensorflow from a wheel', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'legenda-wheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function unpack(content: Record<string, string>, lied = '') {
    const wheel = join(folder, 'a.whl');
    execFileSync('python3', ['-c', makeWheel, wheel, JSON.stringify(content), lied]);
    const { status, stderr } = spawnSync('python3', [script, wheel, join(folder, 'deps')]);
    return { status, error: stderr.toString().trim() };
  }

  it('takes the libraries and the headers and nothing else', () => {
    expect(unpack(members)).toEqual({ status: 0, error: '' });
    const deps = join(folder, 'deps');
    expect(readFileSync(join(deps, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('the library');
    expect(readFileSync(join(deps, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe('a header');
    expect(existsSync(join(deps, 'python'))).toBe(false);
  });

  it('refuses a file that is not what the wheel promises', () => {
    expect(unpack(members, library)).toEqual({
      status: 1,
      error: `${library} is not what the wheel's RECORD says`,
    });
  });

  it('refuses a wheel without the library', () => {
    const { [library]: _, ...rest } = members;
    expect(unpack(rest).error).toBe(`the wheel has no ${library}`);
  });

  it('refuses to write outside its folder', () => {
    const { status, error } = unpack({ ...members, 'tensorflow/include/../../../escaped.h': 'x' });
    expect(status).toBe(1);
    expect(error).toContain('outside');
  });
});
