import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { type EncodedImages, encode } from '../../src/captioner/onnx-encoder.js';
import { type OnnxRows, OnnxStepper } from '../../src/captioner/onnx-stepper.js';
import { openSessions, type Sessions } from '../../src/captioner/sessions.js';
import { Random } from '../../src/random.js';
import { beamSearch, type DecoderStepper } from '../../src/search/index.js';
import { TINY_VOCABULARY, writeTinyBundle } from '../support/tiny-bundle.js';

const SIZE = { height: 32, width: 32 };
const STATES = ['h0', 'c0'];
const PICTURES = Array.from({ length: 3 }, (_, seed) => {
  const random = new Random(seed);
  return Uint8Array.from({ length: 32 * 32 * 3 }, () => random.integer(256));
});

let directory: string;
let sessions: Sessions;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'legenda-stepper-'));
  await writeTinyBundle(join(directory, 'model'));
  sessions = await openSessions(await loadBundle(join(directory, 'model')));
});
afterAll(() => rm(directory, { recursive: true }));

/** What each row gives at last, when the rows are fed and selected as told. */
async function run(pictures: readonly Uint8Array[], steps: readonly { tokens: number[]; rows: number[] }[]) {
  const stepper = new OnnxStepper(sessions.decoder, {
    vocabularySize: TINY_VOCABULARY.size,
    stateNames: STATES,
    attention: true,
  });
  let state = stepper.start(await encode(sessions.encoder, pictures, SIZE, STATES));
  let last = { logProbabilities: [] as number[][], attention: [] as number[][] };
  for (const { tokens, rows } of steps) {
    const output = await stepper.step(Int32Array.from(tokens), state);
    const cut = (values: Float32Array = new Float32Array()) => {
      const width = values.length / tokens.length;
      return tokens.map((_, row) => [...values.subarray(row * width, (row + 1) * width)]);
    };
    last = { logProbabilities: cut(output.logProbabilities), attention: cut(output.attention) };
    state = stepper.select(output.state, Int32Array.from(rows));
  }
  return last;
}

describe('OnnxStepper', () => {
  it('steps each row as if it were alone, whichever rows are kept, repeated and reordered', async () => {
    // Even choices, as of a beam, and any others.
    const choices = fc.array(
      fc.oneof(
        fc.array(fc.nat(), { minLength: 1, maxLength: 7 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }).map((rows) => rows.flatMap((row) => [row, row])),
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(choices, fc.integer(), async (chosen, seed) => {
        const random = new Random(seed);
        let histories = PICTURES.map((_, picture) => ({ picture, tokens: [] as number[] }));
        const steps = [...chosen, [0]].map((wanted) => {
          histories = histories.map(({ picture, tokens }) => ({
            picture,
            tokens: [...tokens, random.integer(TINY_VOCABULARY.size)],
          }));
          const before = histories;
          const rows = wanted.map((row) => row % before.length);
          const step = { tokens: before.map(({ tokens }) => tokens.at(-1) ?? 0), rows };
          histories = rows.map((row) => before[row] ?? { picture: 0, tokens: [] });
          return { step, before };
        });
        const together = await run(
          PICTURES,
          steps.map(({ step }) => step),
        );
        for (const [row, { picture, tokens }] of (steps.at(-1)?.before ?? []).entries()) {
          const steps = tokens.map((token) => ({ tokens: [token], rows: [0] }));
          const alone = await run([PICTURES[picture] ?? new Uint8Array()], steps);
          expectNear(together.logProbabilities[row], alone.logProbabilities[0]);
          expectNear(together.attention[row], alone.attention[0]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leads a search to the same captions with the likeliest words alone as with all', async () => {
    const stepper = new OnnxStepper(sessions.decoder, {
      vocabularySize: TINY_VOCABULARY.size,
      stateNames: STATES,
      attention: false,
    });
    const encoded = await encode(sessions.encoder, PICTURES, SIZE, STATES);
    const widths = new Set<number>();
    const search = (few: boolean) => {
      const watched: DecoderStepper<EncodedImages, OnnxRows> = {
        vocabularySize: stepper.vocabularySize,
        start: (images) => stepper.start(images),
        step: async (tokens, rows, wanted) => {
          const output = await stepper.step(tokens, rows, few ? wanted : undefined);
          widths.add(output.logProbabilities.length / tokens.length);
          return output;
        },
        select: (rows, selected) => stepper.select(rows, selected),
      };
      return beamSearch(watched, encoded, PICTURES.length, {
        beamWidth: 3,
        nBest: 3,
        wordLogProbabilities: true,
      });
    };
    // One after the other, as the stepper asks for; what the encoder gave stays as it was.
    const few = await search(true);
    expect(await search(false)).toEqual(few);
    expect(await search(true)).toEqual(few);
    expect([...widths].sort()).toEqual([16, TINY_VOCABULARY.size].sort());
  });
});

function expectNear(actual: readonly number[] = [], expected: readonly number[] = []): void {
  expect(actual).toEqual(expected.map((value) => expect.closeTo(value, 4)));
  expect(actual.length).toBeGreaterThan(0);
}
