import { type InferenceSession, Tensor } from '../onnx-runtime.js';
import { Workspace } from './workspace.js';

/** What the decoder needs of each image: the encoder's outputs, which lie in a workspace. */
export interface EncodedImages {
  readonly count: number;
  /** Each cell of the feature grid, `[B, L, D]`. */
  readonly memory: Tensor;
  /** The attention's keys, `[B, L, A]`; absent without attention. */
  readonly keys: Tensor | undefined;
  /** The states before the first word, `[B, D]` each, in the order of the state names. */
  readonly states: readonly Float32Array[];
  /** What the classifier sees, `[B, classes]`; absent without one. */
  readonly classLogits: Tensor | undefined;
}

/**
 * Pictures that run through the encoder at once. More take more memory (14 MB each for MobileNetV2) and hardly less time:
 * a picture is enough work for a core. The decoder, whose products are small, takes all in one batch.
 */
const AT_ONCE = 4;

/**
 * Runs encoder.onnx on a batch of pictures.
 * @param pixels RGB, `[height, width, 3]` each.
 * @param stateNames the decoder's states, in order.
 * @param workspace where the outputs lie, until it is given to the next batch.
 */
export async function encode(
  session: InferenceSession,
  pixels: readonly Uint8Array[],
  size: { readonly height: number; readonly width: number },
  stateNames: readonly string[],
  workspace = new Workspace(),
): Promise<EncodedImages> {
  const count = pixels.length;
  const whole = outputsFor(session, count, ['memory', 'keys', 'classLogits', ...stateNames], workspace);
  for (let first = 0; first < count; first += AT_ONCE) {
    const part = pixels.slice(first, first + AT_ONCE);
    // Written in their places at once: to join the parts would cost a copy, and the parts would be garbage.
    const places = [...whole].map(([name, tensor]) => [name, images(tensor, first, part.length)]);
    await session.run({ pixels: stack(part, size) }, Object.fromEntries(places));
  }
  return {
    count,
    memory: whole.get('memory') as Tensor,
    keys: whole.get('keys'),
    states: stateNames.map((name) => floats(whole.get(name))),
    classLogits: whole.get('classLogits'),
  };
}

/** Tensors to write those of the outputs in that the graph has, by name. */
function outputsFor(
  session: InferenceSession,
  count: number,
  names: readonly string[],
  workspace: Workspace,
): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const output of session.outputMetadata) {
    if (!output.isTensor || !names.includes(output.name)) continue;
    const dims = [count, ...output.shape.slice(1).map(Number)];
    const size = dims.reduce((product, length) => product * length, 1);
    const values = workspace.floats(output.name, size);
    tensors.set(output.name, new Tensor('float32', values, dims));
  }
  return tensors;
}

/** Some images of a tensor `[images, …]`, in the same memory. */
function images(tensor: Tensor, first: number, count: number): Tensor {
  const [all = 1, ...shape] = tensor.dims;
  const width = tensor.size / all;
  const values = floats(tensor).subarray(first * width, (first + count) * width);
  return new Tensor('float32', values, [count, ...shape]);
}

/** One image of a batch, in the same memory. */
export function selectImage(
  { count, memory, keys, states, classLogits }: EncodedImages,
  image: number,
): EncodedImages {
  const one = (whole: Tensor | undefined) => whole && images(whole, image, 1);
  return {
    count: 1,
    memory: images(memory, image, 1),
    keys: one(keys),
    states: states.map((values) => {
      const width = values.length / count;
      return values.subarray(image * width, (image + 1) * width);
    }),
    classLogits: one(classLogits),
  };
}

/** What the classifier sees in an image, `[classes]`. */
export function logitsOf({ classLogits }: EncodedImages, image: number): Float32Array {
  const classes = classLogits?.dims[1] ?? 0;
  return floats(classLogits).subarray(image * classes, (image + 1) * classes);
}

/** A float tensor's values. */
export function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('expected a tensor of float32');
  return tensor.data;
}

/** Pictures as one tensor `[images, height, width, 3]`: in their own memory, where they lie one behind the other. */
function stack(pixels: readonly Uint8Array[], size: { height: number; width: number }): Tensor {
  const length = size.height * size.width * 3;
  const dims = [pixels.length, size.height, size.width, 3];
  const { buffer, byteOffset } = pixels[0] as Uint8Array;
  const together = pixels.every(
    (image, index) => image.buffer === buffer && image.byteOffset === byteOffset + index * length,
  );
  if (together) return new Tensor('uint8', new Uint8Array(buffer, byteOffset, pixels.length * length), dims);
  const values = new Uint8Array(pixels.length * length);
  for (const [index, image] of pixels.entries()) values.set(image, index * length);
  return new Tensor('uint8', values, dims);
}
