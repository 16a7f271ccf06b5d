import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import { tf } from '../tensorflow.js';

/** Runs work with other values in the variables of those names, and gives them back their own. */
export async function withValues<T>(
  variables: ReadonlyMap<string, Variable>,
  values: ReadonlyMap<string, Tensor>,
  work: () => Promise<T>,
): Promise<T> {
  const own = new Map([...values.keys()].map((name) => [name, variables.get(name)?.clone()]));
  const assign = (given: ReadonlyMap<string, Tensor | undefined>) => {
    for (const [name, value] of given) if (value !== undefined) variables.get(name)?.assign(value);
  };
  assign(values);
  try {
    return await work();
  } finally {
    assign(own);
    tf.dispose([...own.values()].filter((value) => value !== undefined));
  }
}
