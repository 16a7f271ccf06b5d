import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../datasets/make-shapes.mjs';
import { runCommand } from '../support/command.js';

const CONFIGURATION = fileURLToPath(new URL('../../datasets/shapes.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'legenda-shapes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README's tutorial", () => {
  it('trains a CNN and an LSTM from nothing until more than 95 % of unseen pictures are captioned exactly', async () => {
    const shapes = join(folder, 'shapes');
    const run = join(folder, 'run');
    await writeShapes({ out: shapes });
    const trained = await runCommand(['train', CONFIGURATION, '--data', shapes, '--out', run]);
    expect(trained.stderr).toContain('endToEnd epoch 1:');
    expect(trained).toMatchObject({ code: 0, stdout: `${join(run, 'model')}\n` });

    const scores = join(folder, 'scores.json');
    const evaluated = await runCommand([
      'evaluate',
      shapes,
      '--split',
      'test',
      '--model',
      join(run, 'model'),
      '--json',
      scores,
    ]);
    expect(evaluated.code).toBe(0);
    const { images, exactMatches } = JSON.parse(await readFile(scores, 'utf8'));
    expect(images).toBe(200);
    expect(exactMatches).toBeGreaterThan(0.95);
  }, 1_800_000);
});
