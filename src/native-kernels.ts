import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import type { Random } from './random.js';
import { tf } from './tensorflow.js';

/** What is used of tfjs-node's backend. */
interface NativeBackend {
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT32', number>>;
  executeSingleOutput(name: string, attributes: readonly unknown[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly unknown[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

function backend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

function typeAttribute(name: string, type: 'TF_FLOAT' | 'TF_INT32'): unknown {
  const { binding } = backend();
  return { name, type: binding.TF_ATTR_TYPE, value: binding[type] };
}

/**
 * Runs a float32 TensorFlow kernel that TF.js has no operation for, such as the gradient of an activation in one pass. It
 * has no gradient itself: call it where gradients are computed by hand.
 */
export function runNativeKernel(name: string, inputs: readonly Tensor[]): Tensor {
  return backend().executeSingleOutput(name, [typeAttribute('T', 'TF_FLOAT')], inputs);
}

/** As `runNativeKernel`, for a kernel with several outputs. */
export function runNativeKernelWithOutputs(
  name: string,
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] {
  return backend().executeMultipleOutputs(name, [typeAttribute('T', 'TF_FLOAT')], inputs, outputs);
}

/** Uniform numbers in [0, 1) that depend on the generator's state alone; TF.js draws them one by one in JavaScript. */
export function randomUniform(shape: readonly number[], random: Random): Tensor {
  const seed = seedFrom(random);
  const size = tf.tensor1d([...shape], 'int32');
  const attributes = [
    typeAttribute('dtype', 'TF_FLOAT'),
    typeAttribute('T', 'TF_INT32'),
    typeAttribute('Tseed', 'TF_INT32'),
  ];
  const values = backend().executeSingleOutput('StatelessRandomUniform', attributes, [size, seed]);
  tf.dispose([seed, size]);
  return values;
}

/**
 * One index a row, drawn with the probabilities softmax(logits): the same for the same state of the generator. The logits
 * stay where they are. @param logits `[rows, choices]`. @returns int32 `[rows]`.
 */
export function drawFromSoftmax(logits: Tensor2D, random: Random): Tensor1D {
  const seed = seedFrom(random);
  const draws = tf.scalar(1, 'int32');
  const attributes = [
    typeAttribute('T', 'TF_FLOAT'),
    typeAttribute('Tseed', 'TF_INT32'),
    typeAttribute('output_dtype', 'TF_INT32'),
  ];
  const drawn = backend().executeSingleOutput('StatelessMultinomial', attributes, [logits, draws, seed]);
  const indices = drawn.reshape([logits.shape[0]]) as Tensor1D;
  tf.dispose([seed, draws, drawn]);
  return indices;
}

function seedFrom(random: Random): Tensor {
  return tf.tensor1d([random.integer(2 ** 31), random.integer(2 ** 31)], 'int32');
}
