/**
 * TensorFlow.js on libtensorflow, the engine that trains. Importing this file loads it; only what trains may do so.
 * @throws `TENSORFLOW_MISSING` when it is not installed or was not made ready.
 */
import util from 'node:util';
import type * as TensorFlow from '@tensorflow/tfjs-node';
import { LegendaError } from './errors.js';

// oneDNN's kernels halve inference; the log of what the processor offers is of no use to a user.
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

// tfjs-node calls two functions that Node 23 removed.
const removed = util as unknown as Record<string, unknown>;
removed.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
removed.isArray ??= Array.isArray;

async function load(): Promise<typeof TensorFlow> {
  try {
    const module = (await import('@tensorflow/tfjs-node')) as unknown as { default: typeof TensorFlow };
    return module.default;
  } catch (cause) {
    throw new LegendaError('TENSORFLOW_MISSING', {
      expected: '@tensorflow/tfjs-node with libtensorflow',
      received: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
      advice:
        'in a clone run "npm run setup"; elsewhere "npm install @tensorflow/tfjs-node long --ignore-scripts", then "node node_modules/legenda/scripts/setup.mjs"',
      cause,
    });
  }
}

export const tf: typeof TensorFlow = await load();

/** `tf.tidy` for results of any type: tensors in its objects and arrays (not in Maps) outlive the call, others do not. */
export function tidy<T>(work: () => T): T {
  return tf.tidy(work as () => TensorFlow.TensorContainer) as T;
}

/**
 * Runs work inside a function whose gradient is taken without recording it, so that nothing of it is kept for the gradient.
 * Its tensors end with it: the result holds none.
 */
export function withoutGradients<T>(work: () => T): T {
  const results: T[] = [];
  // The engine records no operation inside an operation, and this is the public way to define one.
  const operation = tf.customGrad((input) => {
    results.push(work());
    return { value: (input as TensorFlow.Tensor).clone(), gradFunc: () => [] };
  });
  tidy(() => {
    operation(tf.scalar(0));
  });
  return results[0] as T;
}
