import { describe, expect, it } from 'vitest';
import {
  Random,
  RecurrentNetwork,
  type RecurrentOptions,
  type Sequence,
} from '../../src/recurrence/index.js';
import { tf } from '../../src/tensorflow.js';

const cells = ['simpleRnn', 'lstm', 'gru'] as const;

function network(options: Partial<RecurrentOptions> = {}): RecurrentNetwork {
  return new RecurrentNetwork({
    inputs: 2,
    outputs: 2,
    loss: 'crossEntropy',
    hidden: 8,
    seed: 1,
    ...options,
  });
}

/** Whether the first of five pairs was [1, 0] or [0, 1], asked at the end. */
function recall(count: number): Sequence[] {
  const random = new Random(9);
  return Array.from({ length: count }, () => {
    const which = random.integer(2);
    const inputs = [which === 0 ? [1, 0] : [0, 1], ...Array.from({ length: 4 }, () => [0, 0])];
    return { inputs, targets: [null, null, null, null, which] };
  });
}

describe('RecurrentNetwork', () => {
  it.each(cells)('of %s learns what came first, the same for the same seed, and leaves no tensor', (cell) => {
    const before = tf.memory().numTensors;
    const runs = [1, 1, 2].map((seed, run) => {
      const learner = network({ cell, seed });
      const losses = Array.from({ length: run === 0 ? 40 : 3 }, () => learner.learn(recall(8), 0.05).loss);
      learner.dispose();
      return losses;
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(runs[0]?.[0]).toBeGreaterThan(0.5);
    expect(runs[0]?.at(-1)).toBeLessThan(0.1);
    expect(runs[1]).toEqual(runs[0]?.slice(0, 3));
    expect(runs[2]).not.toEqual(runs[1]);
  });

  it.each(cells)('of %s goes on from the state that it left as if it had not stopped', (cell) => {
    const learner = network({ cell, layers: 2 });
    const batch = recall(3).map(({ inputs }) => inputs);
    const whole = learner.run(batch);
    expect(whole.hidden[0]).toHaveLength(5);
    expect(whole.hidden[0]?.[0]).toHaveLength(8);
    const first = learner.run(batch.map((inputs) => inputs.slice(0, 2)));
    const second = learner.run(
      batch.map((inputs) => inputs.slice(2)),
      first.state,
    );
    const joined = whole.outputs.map((_, i) => [...first.outputs[i]!, ...second.outputs[i]!]);
    joined.flat(2).forEach((value, i) => {
      expect(value).toBeCloseTo(whole.outputs.flat(2)[i]!, 5);
    });
    learner.dispose();
  });

  it('tells in training what it tells when run: the loss is that of its outputs', () => {
    const sequences = recall(4);
    const learner = network({ cell: 'gru', layers: 2 });
    const { outputs } = learner.run(sequences.map(({ inputs }) => inputs));
    const losses = outputs.map((steps, i) => {
      const [a, b] = steps.at(-1) as [number, number];
      return Math.log(Math.exp(a) + Math.exp(b)) - [a, b][sequences[i]!.targets.at(-1)!]!;
    });
    expect(learner.learn(sequences, 0).loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 4, 5);
    learner.dispose();
    const squares = network({ outputs: 1, loss: 'squaredError' });
    const told = squares.run([[[0.3, 0.1]]]).outputs[0]![0]![0]!;
    expect(squares.learn([{ inputs: [[0.3, 0.1]], targets: [2] }], 0).loss).toBeCloseTo((told - 2) ** 2, 5);
    squares.dispose();
  });

  it('names a setting that is not allowed', () => {
    expect(() => network({ cell: 'lstn' as never })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining('cell') }),
    );
  });

  it('says that it diverges before any weight has moved', () => {
    const learner = network({ outputs: 1, loss: 'squaredError', optimiser: { kind: 'sgd' } });
    const sequence = { inputs: [[1, 1]], targets: [1e30] };
    const before = learner.run([sequence.inputs]).outputs;
    expect(() => learner.learn([sequence], 1)).toThrow(
      expect.objectContaining({ code: 'TRAINING_DIVERGED' }),
    );
    expect(learner.run([sequence.inputs]).outputs).toEqual(before);
    learner.dispose();
  });
});
