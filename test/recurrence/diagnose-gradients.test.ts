import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, readDataset } from '../../src/datasets/index.js';
import { findCheckpoint } from '../../src/recurrence/find-checkpoint.js';
import { diagnoseFreshCells } from '../../src/recurrence/fresh-cells.js';
import { gradientPage, gradientText } from '../../src/recurrence/gradient-page.js';
import type { GradientReport, MeasuredLine } from '../../src/recurrence/picture.js';
import { diagnoseTrainedDecoder } from '../../src/recurrence/trained-decoder.js';
import { tf } from '../../src/tensorflow.js';
import { fixtureFormats } from '../fixtures/datasets.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'legenda-diagnose-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = ({ values }: MeasuredLine) => values.map((value) => value ?? Number.NaN);
/** What a step back makes of the gradient, over the whole line. */
const perStep = (line: MeasuredLine) => {
  const values = numbers(line);
  return (values[0]! / values.at(-1)!) ** (1 / (values.length - 1));
};

describe('gradients of fresh cells', () => {
  let report: GradientReport;
  const before = tf.memory().numTensors;
  beforeAll(() => {
    report = diagnoseFreshCells({ steps: 60, seed: 3 });
  }, 300_000);
  const lines = (title: string) =>
    report.pictures.find((picture) => picture.title.startsWith(title))?.lines as readonly MeasuredLine[];

  it('vanish with small kernels: fastest in a simple RNN, slowest in an LSTM', () => {
    const [rnn = 1, lstm = 1, gru = 1] = lines('Vanishing').map(perStep);
    // tanh only ever flattens, so that a kernel of half an orthogonal one at least halves.
    expect(rnn).toBeLessThan(0.51);
    expect(gru).toBeGreaterThan(rnn);
    expect(lstm).toBeGreaterThan(gru);
    expect(lstm).toBeLessThan(1);
  });

  it('explode with large kernels in a simple RNN, and clipping bounds what is left for the step', () => {
    const [rnn] = lines('Exploding') as [MeasuredLine];
    expect(perStep(rnn)).toBeGreaterThan(1.1);
    expect(rnn.weightGradientNorm).toBeGreaterThan(100);
    expect(rnn.clippedNorm).toBeCloseTo(5, 3);
    for (const gated of lines('Exploding').slice(1)) expect(perStep(gated)).toBeLessThan(perStep(rnn));
  });

  it('reach back the further, the wider the forget gate is open, and with tbptt to its cut and no further', () => {
    const [closed, half, open, cut] = lines('What gates') as [
      MeasuredLine,
      MeasuredLine,
      MeasuredLine,
      MeasuredLine,
    ];
    expect(perStep(closed)).toBeLessThan(perStep(half));
    expect(perStep(half)).toBeLessThan(perStep(open));
    expect(numbers(cut).slice(0, 45)).toEqual(Array(45).fill(0));
    expect(numbers(cut).slice(45)).toEqual(numbers(open).slice(45));
  });

  it('thrown off without clipping, the network learns with it', () => {
    const ends = lines('What clipping').map((line) => numbers(line).slice(-10));
    const [none = 0, , , globalNorm = 0] = ends.map((end) => end.reduce((sum, loss) => sum + loss, 0) / 10);
    expect(globalNorm).toBeLessThan(0.2);
    expect(none).toBeGreaterThan(globalNorm);
  });

  it('are told as a page that asks no host for anything, as text, and as JSON', () => {
    const page = gradientPage(report);
    expect(page.match(/<svg/g)).toHaveLength(report.pictures.length);
    expect(page).not.toMatch(/<script|<img|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg)|NaN|undefined/);
    for (const { title, explanation } of report.pictures) {
      expect(explanation.split(' ').length).toBeGreaterThan(20);
      expect(gradientText(report)).toContain(title);
      expect(gradientText(report)).toContain(explanation);
    }
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('leave no tensor behind', () => {
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('gradients of a trained decoder', () => {
  const captions = ['the dog runs on grass', 'a red ball', 'two people with a cat on the street'];
  let dataset: Dataset;
  beforeAll(async () => {
    const data = join(folder, 'data');
    const pictures = captions.map((caption, i) => ({
      stem: `p${i}`,
      captions: [caption],
      split: 'dev' as const,
    }));
    await fixtureFormats['text-folder']?.write(data, pictures);
    dataset = await readDataset(data);
  });

  it.each([
    { cell: 'lstm', tbptt: 0, layers: 1 },
    { cell: 'gru', tbptt: 2, layers: 2 },
    { cell: 'simpleRnn', tbptt: 0, layers: 1 },
  ] as const)(
    'of $cell, tbptt $tbptt: beside fresh ones of each cell, as far back as captions go',
    async (form) => {
      const before = tf.memory().numTensors;
      const checkpoint = await writeTinyCheckpoint(join(folder, form.cell), form);
      const messages: string[] = [];
      const missing = { ...dataset.examples[0]!, image: join(folder, 'none.jpg') };
      const report = await diagnoseTrainedDecoder(checkpoint, [missing, ...dataset.examples], {
        seed: 1,
        images: 3,
        onMessage: (message) => messages.push(message),
      });
      expect(messages).toEqual([expect.stringMatching(/none\.jpg: \w+/)]);
      const [last, all] = report.pictures;
      expect(last?.lines.map(({ name }) => name)).toEqual([
        expect.stringMatching(/^trained/),
        'fresh simple RNN',
        'fresh LSTM',
        'fresh GRU',
      ]);
      for (const { values } of [...last!.lines, ...all!.lines]) {
        // Words and the end: 4, 6 and 9; half of the captions have six.
        expect(values).toHaveLength(6);
        expect(values[0]).toBeGreaterThan(0);
      }
      // Every word's gradient is there in the sum of all, but only those of the last few with one word alone, when it is cut.
      const trained = numbers(last!.lines[0]!);
      expect(trained[5] === 0).toBe(form.tbptt > 0);
      expect(numbers(all!.lines[0]!).every((norm) => norm > 0)).toBe(true);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('need an image that can be read', async () => {
    const checkpoint = await writeTinyCheckpoint(join(folder, 'none'));
    const broken = dataset.examples.map((example) => ({ ...example, image: join(folder, 'none.jpg') }));
    const options = { seed: 1, images: 3, onMessage: () => {} };
    await expect(diagnoseTrainedDecoder(checkpoint, broken, options)).rejects.toMatchObject({
      code: 'NO_IMAGES',
    });
  });

  it('are those of the best checkpoint of a run, or else of its latest', async () => {
    const run = join(folder, 'run');
    await writeTinyCheckpoint(join(run, 'checkpoints', '00000200'));
    await writeTinyCheckpoint(join(run, 'checkpoints', '00000400'));
    expect(await findCheckpoint(run)).toBe(join(run, 'checkpoints', '00000400'));
    await writeTinyCheckpoint(join(run, 'best'));
    expect(await findCheckpoint(run)).toBe(join(run, 'best'));
    expect(await findCheckpoint(join(run, 'checkpoints', '00000200'))).toBe(
      join(run, 'checkpoints', '00000200'),
    );
  });
});
