import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needsBuild } from '../../scripts/build.mjs';

const files = [
  'src/index.ts',
  'src/text/a.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle-command.mjs',
];

describe('whether dist/ has to be built', () => {
  let root: string;
  const touch = (path: string, seconds: number) => utimesSync(join(root, path), seconds, seconds);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'legenda-build-'));
    for (const path of [...files, 'dist/index.js']) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    for (const path of [...files, 'src', 'src/text']) touch(path, 1000);
    touch('dist/index.js', 2000);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is not built again when nothing changed', () => {
    expect(needsBuild(root)).toBe(false);
  });

  it.each(['src/text/a.ts', 'tsconfig.json', 'package-lock.json', 'scripts/bundle-command.mjs'])(
    'is built after a change of %s',
    (path) => {
      touch(path, 3000);
      expect(needsBuild(root)).toBe(true);
    },
  );

  it.each(['src/index.ts', 'src/text/a.ts'])('is built after %s was deleted', (path) => {
    rmSync(join(root, path));
    expect(needsBuild(root)).toBe(true);
  });

  it('is built in a fresh clone', () => {
    rmSync(join(root, 'dist'), { recursive: true });
    expect(needsBuild(root)).toBe(true);
  });
});
