import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCommand, runCommand, startCommand } from '../support/command.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

describe('legenda serve', () => {
  let folder: string;
  let server: RunningCommand;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legenda-serve-'));
    await writeTinyBundle(folder);
    server = startCommand(['serve', '--port', '0', '--model', folder]);
    [address = ''] = await server.lines(1);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says where it is once it answers, with the page and all its files', async () => {
    const page = await fetch(address);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...(await page.text()).matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(
      ([, file]) => file,
    );
    const modules = ['overlay.js', 'colours.js'].map((name) => `/page/${name}`);
    for (const file of [...files, ...modules]) {
      const answer = await fetch(address + file);
      expect([file, answer.status]).toEqual([file, 200]);
      const tag = answer.headers.get('etag') ?? '';
      const again = await fetch(address + file, { headers: { 'if-none-match': tag } });
      expect(again.status).toBe(304);
    }
  });

  it.each([
    [['--host', '0.0.0.0'], 'a token'],
    [['--token', 'short'], 'at least 16 characters'],
    [['--redis', 'http://127.0.0.1'], 'redis://'],
    [['--port', 'x'], 'whole number'],
    [['--queues', 'caption,train'], '--redis <url>'],
    [['--redis', 'redis://127.0.0.1:1', '--queues', 'drawing'], 'caption, train, preprocess'],
  ])('refuses %s before it listens', async (flags, why) => {
    const { code, stdout, stderr } = await runCommand(['serve', '--model', folder, ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
  });

  it('says that a port is taken', async () => {
    const { code, stderr } = await runCommand(['serve', '--model', folder, '--port', new URL(address).port]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/EADDRINUSE.*choose others with --host and --port.*\[USAGE\]/);
  });

  it('ends with 0 when it is told to', async () => {
    server.signal('SIGTERM');
    expect((await server.finished).code).toBe(0);
  });
});
