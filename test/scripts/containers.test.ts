import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { serveCommand } from '../../src/cli/serve.js';
import { workCommand } from '../../src/cli/work.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const linesOf = (file: string) => readFileSync(`${root}${file}`, 'utf8').split('\n');

const dockerfile = linesOf('Dockerfile');
const lastStage = dockerfile.slice(dockerfile.findLastIndex((line) => line.startsWith('FROM ')));
/** What a COPY takes from the repository, not from another stage. */
const copied = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .filter((word) => !word.startsWith('--'));

describe('the image', () => {
  it('is made of files that there are, and that .dockerignore lets through', () => {
    const allowed = linesOf('.dockerignore');
    expect(allowed[0]).toBe('**');
    const sources = copied(dockerfile);
    expect(sources).toContain('models/default');
    for (const source of sources) {
      expect(existsSync(`${root}${source}`), source).toBe(true);
      expect(allowed).toContain(`!${source}`);
    }
  });

  it('can be read by its user, also where the repository was checked out for root alone', () => {
    const taken = lastStage.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    expect(taken).not.toHaveLength(0);
    for (const line of taken) expect(line).toMatch(/^COPY --chmod=(755|644) /);
    expect(lastStage).toContain('USER node');
  });
});

const commands: Record<string, Command> = { serve: serveCommand(), work: workCommand() };
const composed = linesOf('compose.yaml')
  .filter((line) => /^ +command: (serve|work) /.test(line))
  .map((line) => line.trim().split(' ').slice(1));
const byDefault = lastStage.find((line) => line.startsWith('CMD ')) ?? '';

it.each([JSON.parse(byDefault.replace('CMD ', '')) as string[], ...composed])(
  'the containers are started with options that there are: %s',
  (name, ...args) => {
    expect(commands[name]?.parseOptions(args)).toEqual({ operands: [], unknown: [] });
  },
);
