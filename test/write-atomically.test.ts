import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { recoverFolders, writeFileAtomically, writeFolderAtomically } from '../src/write-atomically.js';

vi.mock('node:fs/promises', async (load) => {
  const module = await load<typeof import('node:fs/promises')>();
  return { ...module, rename: vi.fn(module.rename) };
});

let root: string;
let place: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-atomic-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  place = await mkdtemp(join(root, 'place-'));
  folder = join(place, 'model');
});

/** Two files that belong together. */
const generation = (number: number) => async (into: string) => {
  await writeFile(join(into, 'weights'), `${number}`);
  await writeFile(join(into, 'manifest'), `${number}`);
};
const contents = (name: string) => readFile(join(folder, name), 'utf8');
const interrupt = async () => {
  throw new Error('out of memory');
};

describe('writeFolderAtomically', () => {
  it('shows nothing of a new folder before it is complete, and nothing but it after', async () => {
    await writeFolderAtomically(folder, async (into) => {
      await generation(1)(into);
      expect(await readdir(place)).not.toContain('model');
    });
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('weights')).toBe('1');
  });

  it('keeps the old folder until the new one is complete, then replaces the whole of it', async () => {
    await writeFolderAtomically(folder, async (into) => {
      await generation(1)(into);
      await writeFile(join(into, 'only in the first'), '');
    });
    await writeFolderAtomically(folder, async (into) => {
      await generation(2)(into);
      expect(await contents('manifest')).toBe('1');
    });
    expect(await readdir(place)).toEqual(['model']);
    expect((await readdir(folder)).sort()).toEqual(['manifest', 'weights']);
    expect(await contents('weights')).toBe('2');
  });

  it('makes the folders above it', async () => {
    folder = join(place, 'a', 'b', 'model');
    await writeFolderAtomically(folder, generation(1));
    expect(await contents('weights')).toBe('1');
  });

  it('after a failure leaves what was there and nothing else', async () => {
    await expect(writeFolderAtomically(folder, interrupt)).rejects.toThrow('out of memory');
    expect(await readdir(place)).toEqual([]);
    await writeFolderAtomically(folder, generation(1));
    await expect(
      writeFolderAtomically(folder, async (into) => {
        await writeFile(join(into, 'weights'), '2');
        await interrupt();
      }),
    ).rejects.toThrow('out of memory');
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('weights')).toBe('1');
  });

  it('puts the old folder back when the new one cannot take its place', async () => {
    await writeFolderAtomically(folder, generation(1));
    const { rename: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
    vi.mocked(rename)
      .mockImplementationOnce(really)
      .mockRejectedValueOnce(Object.assign(new Error('EBUSY: in use'), { code: 'EBUSY', syscall: 'rename' }));
    await expect(writeFolderAtomically(folder, generation(2))).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      received: `${folder}: EBUSY: in use`,
    });
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('weights')).toBe('1');
  });

  it('refuses to replace a folder of other things: a mistyped --out must not cost the photos', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'holiday.jpg'), 'pixels');
    await expect(writeFolderAtomically(folder, generation(1))).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      received: expect.stringContaining('holiday.jpg'),
    });
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('holiday.jpg')).toBe('pixels');
  });

  it('says that a file stands where the folder shall be, or above it', async () => {
    await writeFile(folder, 'text');
    for (const path of [folder, join(folder, 'inner')]) {
      await expect(writeFolderAtomically(path, generation(1))).rejects.toMatchObject({
        code: 'OUTPUT_UNWRITABLE',
        received: expect.stringContaining(path),
      });
    }
    expect(await readFile(folder, 'utf8')).toBe('text');
    expect(await readdir(place)).toEqual(['model']);
  });
});

describe('recoverFolders', () => {
  const partial = () => join(place, '.model.0123456789ab.partial');
  const takenAway = () => join(place, '.model.ba9876543210.before');

  it('brings back a folder that a killed process had taken away, so that a run is not lost', async () => {
    await writeFolderAtomically(folder, generation(1));
    await rename(folder, takenAway());
    await recoverFolders(place);
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('weights')).toBe('1');
  });

  it('removes the old folder where the new one is in place', async () => {
    await writeFolderAtomically(folder, generation(2));
    await mkdir(takenAway());
    await generation(1)(takenAway());
    await recoverFolders(place);
    expect(await readdir(place)).toEqual(['model']);
    expect(await contents('weights')).toBe('2');
  });

  it('removes what was begun long ago, but not what may be under way, nor files of others', async () => {
    const old = new Date(Date.now() - 2 * 3_600_000);
    await mkdir(partial());
    await writeFile(join(place, '.notes.partial'), '');
    await utimes(join(place, '.notes.partial'), old, old);
    await recoverFolders(place);
    expect((await readdir(place)).sort()).toEqual(['.model.0123456789ab.partial', '.notes.partial']);
    await utimes(partial(), old, old);
    await recoverFolders(place);
    expect(await readdir(place)).toEqual(['.notes.partial']);
  });

  it('is done before the next folder is written', async () => {
    await mkdir(takenAway());
    await generation(1)(takenAway());
    await expect(writeFolderAtomically(folder, interrupt)).rejects.toThrow('out of memory');
    expect(await contents('weights')).toBe('1');
  });
});

describe('a process killed while it writes the same folder over and over', () => {
  let program: string;
  beforeAll(async () => {
    for (const name of ['write-atomically', 'errors']) {
      const source = await readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8');
      const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const { outputText } = ts.transpileModule(source, { compilerOptions: options });
      await writeFile(join(root, `${name}.js`), outputText);
    }
    await writeFile(join(root, 'package.json'), '{ "type": "module" }');
    program = `
      import { writeFile } from 'node:fs/promises';
      import { writeFolderAtomically } from '${pathToFileURL(join(root, 'write-atomically.js'))}';
      for (let number = 1; ; number++) {
        await writeFolderAtomically(process.argv[1], async (into) => {
          await writeFile(into + '/weights', String(number));
          await writeFile(into + '/manifest', String(number));
        });
        console.log(number);
      }`;
  });

  it('leaves a complete folder, at least as new as the last that was reported', async () => {
    for (const moment of [1, 2, 5, 9]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder]);
      const exited = once(child, 'exit');
      let reported = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        reported = Number(line);
        if (reported === moment) child.kill('SIGKILL');
      }
      expect(await exited).toEqual([null, 'SIGKILL']);
      await recoverFolders(place);
      const weights = Number(await contents('weights'));
      expect(await contents('manifest')).toBe(String(weights));
      expect(weights).toBeGreaterThanOrEqual(reported);
      await rm(folder, { recursive: true });
    }
  });
});

describe('writeFileAtomically', () => {
  it('replaces a file whole, making the folders above it', async () => {
    const file = join(place, 'a', 'report.json');
    await writeFileAtomically(file, 'long text');
    await writeFileAtomically(file, 'short');
    expect(await readFile(file, 'utf8')).toBe('short');
    expect(await readdir(join(place, 'a'))).toEqual(['report.json']);
  });

  it('replaces what a link leads to and leaves the link, also one that leads nowhere yet', async () => {
    const [file, link, second] = ['scores.json', 'latest.json', 'newest.json'].map((name) =>
      join(place, name),
    );
    await symlink('scores.json', link as string);
    await symlink('latest.json', second as string);
    for (const text of ['first', 'second']) {
      await writeFileAtomically(second as string, text);
      expect(await readFile(file as string, 'utf8')).toBe(text);
      expect(await readlink(link as string)).toBe('scores.json');
      expect(await readlink(second as string)).toBe('latest.json');
    }
    expect((await readdir(place)).sort()).toEqual(['latest.json', 'newest.json', 'scores.json']);
  });

  it.skipIf(process.platform === 'win32')(
    'writes to a pipe and does not put a file in its place',
    async () => {
      const pipe = join(place, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const [read] = await Promise.all([readFile(pipe, 'utf8'), writeFileAtomically(pipe, 'text')]);
      expect(read).toBe('text');
      expect((await lstat(pipe)).isFIFO()).toBe(true);
    },
  );

  it('leaves nothing behind when it cannot write', async () => {
    await mkdir(folder);
    await expect(writeFileAtomically(folder, 'text')).rejects.toThrow();
    expect(await readdir(place)).toEqual(['model']);
  });
});
