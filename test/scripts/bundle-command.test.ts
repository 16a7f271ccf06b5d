import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'dist', 'command');

/** The packages that the joined files import. */
function imported(): Set<string> {
  const texts = readdirSync(command)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(command, name), 'utf8'));
  const names = texts.flatMap((text) => [
    ...text.matchAll(
      /^(?:import|export) .*? from "([^"]+)";$|^import "([^"]+)";$|(?:import|require)\("([^"]+)"\)/gm,
    ),
  ]);
  const packages = names
    .map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? '')
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '');
  return new Set(packages);
}

describe('the files of the command, joined', () => {
  const { dependencies, peerDependencies, ...rest } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );

  it('leave to packages what is installed with them', () => {
    const packages = [...imported()];
    expect(packages).toEqual(expect.arrayContaining(['sharp', 'onnxruntime-node', 'bullmq', 'fastify']));
    expect(packages.filter((name) => !(name in { ...dependencies, ...peerDependencies }))).toEqual([]);
    expect(rest.files).toContain('dist');
  });

  it('have the licences of the packages that they contain, which they do not import', () => {
    const licences = readFileSync(join(command, 'LICENSES.txt'), 'utf8');
    for (const name of ['zod', 'commander', 'cli-progress', 'csv-parse', 'csv-stringify']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\n\n.*licen[cs]e`, 'im'));
      expect(imported()).not.toContain(name);
    }
  });
});
