import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioner/index.js';
import { SPECIAL_TOKENS } from '../../src/text/index.js';
import { fixtureFormats, writeText } from '../fixtures/datasets.js';
import { runCommand } from '../support/command.js';
import { TINY_VOCABULARY, writeTinyBundle } from '../support/tiny-bundle.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-evaluate-'));
  await writeTinyBundle(join(root, 'model'));
});
afterAll(() => rm(root, { recursive: true }));

describe('legenda evaluate', () => {
  it('counts as new what stands neither in the train split nor in the captions of --text', async () => {
    const data = join(root, 'data');
    await fixtureFormats['text-folder']?.write(data, [
      { stem: 'a', captions: ['A dog runs.'], split: 'train' },
      { stem: 'b', captions: ['A cat sits.'], split: 'dev' },
    ]);
    const captioner = await loadCaptioner(join(root, 'model'));
    const [row] = await captioner.caption([join(data, 'dev', 'b.jpg')]);
    await captioner.close();
    const caption = row !== undefined && 'caption' in row ? row.caption : null;
    expect(caption).not.toBeNull();
    const evaluate = async (...more: string[]) => {
      const json = join(root, 'scores.json');
      const model = ['--model', join(root, 'model'), '--split', 'dev', '--json', json];
      expect(await runCommand(['evaluate', data, ...model, ...more])).toMatchObject({ code: 0 });
      return JSON.parse(await readFile(json, 'utf8'));
    };
    expect(await evaluate()).toMatchObject({ images: 1, novelCaptions: 1 });
    // Capitals and the full stop make no difference.
    await writeText(join(root, 'read.txt'), `${caption?.toUpperCase().replace('.', '')}\n`);
    expect(await evaluate('--text', join(root, 'read.txt'))).toMatchObject({ novelCaptions: 0 });
  });

  it('gives METEOR and says which, how long captions are, how unlike each other, the scores of each image, and a page', async () => {
    const data = join(root, 'more');
    await fixtureFormats['text-folder']?.write(data, [
      { stem: 'a', captions: ['A dog runs.'], split: 'dev' },
      { stem: 'b', captions: ['A cat sits on a street.'], split: 'dev' },
    ]);
    await writeFile(join(data, 'dev', 'a.jpg'), 'no picture');
    const [json, output] = [join(root, 'more.json'), join(root, 'more.jsonl')];
    const args = ['--model', join(root, 'model'), '--split', 'dev', '--json', json, '--output', output];
    const refused = await runCommand(['evaluate', data, ...args, '--report', data]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--report') });
    const { code, stdout } = await runCommand(['evaluate', data, ...args, '--report', join(root, 'report')]);
    expect(code).toBe(1);
    const page = await readFile(join(root, 'report', 'evaluation.html'), 'utf8');
    expect(page).toContain('A cat sits on a street.');
    expect(page).toContain('IMAGE_UNSUPPORTED');
    const scores = JSON.parse(await readFile(json, 'utf8'));
    expect(scores).toMatchObject({ images: 1, failed: 1, distinctCaptions: 1, lengthDeviation: 0 });
    expect(stdout).toContain(`meteor\t${scores.meteor}\n`);
    expect(stdout).toContain('meteorVariant\tMETEOR 1.5 for English, of exact and stem matches only\n');
    expect(scores.lengths).toEqual([...new Array(scores.meanLength).fill(0), 1]);
    expect(scores.distinctWords * scores.meanLength).toBeCloseTo(scores.wordsUsed, 2);
    expect(scores.vocabularyUsed).toBeCloseTo(
      scores.wordsUsed / (TINY_VOCABULARY.size - SPECIAL_TOKENS.length),
      4,
    );
    const rows = (await readFile(output, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows[0]).toMatchObject({ id: expect.any(String), error: { code: 'IMAGE_UNSUPPORTED' } });
    expect(rows[1].scores.meteor).toBeCloseTo(scores.meteor, 4);
    expect(rows[1].references).toEqual(['A cat sits on a street.']);
  });
});
