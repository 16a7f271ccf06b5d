import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../scripts/set-up', import.meta.url));
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
/** Node.js may lie in a folder of root's own. */
const noNode = spawnSync(process.execPath, ['--version'], nobody).status !== 0;

describe.skipIf(process.platform === 'win32' || noNode)(
  'a program that tests need, without root (not on Windows, nor where only root has Node.js)',
  () => {
    let root: string;
    const command = (name: string, ...lines: string[]) =>
      writeFileSync(join(root, 'bin', name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'legenda-programs-test-'));
      chmodSync(root, 0o777);
      mkdirSync(join(root, 'bin'));
      mkdirSync(join(root, 'node_modules'));
      chmodSync(join(root, 'node_modules'), 0o777);
      cpSync(SCRIPTS, join(root, 'scripts', 'set-up'), { recursive: true });
      const script = "import { ensureRedis } from './scripts/set-up/redis.mjs';";
      writeFileSync(join(root, 'try.mjs'), `${script}\nconsole.log((await ensureRedis(() => {})).line);\n`);
      for (const tool of ['mkdir', 'cat', 'chmod']) symlinkSync(`/bin/${tool}`, join(root, 'bin', tool));
      symlinkSync(process.execPath, join(root, 'bin', 'node'));
      // Stand for those of Debian: there is one package, and it needs nothing.
      command('apt-cache', 'echo redis-server');
      command(
        'dpkg-deb',
        'mkdir -p "$3/usr/bin"',
        'p="$3/usr/bin/redis-server"',
        'cat "$2" >"$p"',
        'chmod +x "$p"',
      );
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    const ensure = () =>
      execFileSync(process.execPath, ['try.mjs'], {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: join(root, 'bin') },
        ...nobody,
      });

    it('is unpacked into a folder of the project', () => {
      command('apt-get', '[ "$1" = --version ] || echo hello >redis.deb');
      expect(ensure()).toMatch(/^Redis was installed: .*node_modules.*redis-server\n$/);
    });

    it('is unpacked with lists of our own where apt has none', () => {
      command(
        'apt-get',
        'if [ "$1" = --version ]; then exit 0; fi',
        'if [ -z "$APT_CONFIG" ]; then echo "E: Unable to locate package"; exit 100; fi',
        'if [ "$1" = update ]; then echo hello >"$APT_CONFIG.updated"; exit 0; fi',
        'cat "$APT_CONFIG.updated" >redis.deb',
      );
      expect(ensure()).toMatch(/^Redis was installed: /);
    });

    it('is said to be missing, and why, where it cannot be had', () => {
      command('apt-get', '[ "$1" = --version ] || { echo "E: Could not resolve the host"; exit 100; }');
      expect(ensure()).toMatch(/^Redis is missing \(E: Could not resolve the host\): install the package/);
    });
  },
);
