import { type InferenceSession, Tensor } from 'onnxruntime-node';

/** What the decoder needs of each image: the encoder's outputs. */
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
 * a picture is enough work to fill the cores. The decoder, whose products are small, takes all in one batch.
 */
const AT_ONCE = 8;

/**
 * Runs encoder.onnx on a batch of pictures.
 * @param pixels RGB, `[height, width, 3]` each.
 * @param stateNames the decoder's states, in order.
 */
export async function encode(
  session: InferenceSession,
  pixels: readonly Uint8Array[],
  size: { readonly height: number; readonly width: number },
  stateNames: readonly string[],
): Promise<EncodedImages> {
  const attends = session.outputNames.includes('keys');
  const classifies = session.outputNames.includes('classLogits');
  const optional = [...(attends ? ['keys'] : []), ...(classifies ? ['classLogits'] : [])];
  const names = ['memory', ...optional, ...stateNames];
  const parts: InferenceSession.OnnxValueMapType[] = [];
  for (let first = 0; first < pixels.length; first += AT_ONCE) {
    const input = stack(pixels.slice(first, first + AT_ONCE), size);
    parts.push(await session.run({ pixels: input }, names));
  }
  const join = (name: string) => concatenate(parts.map((part) => part[name] as Tensor));
  return {
    count: pixels.length,
    memory: join('memory'),
    keys: attends ? join('keys') : undefined,
    states: stateNames.map((name) => floats(join(name))),
    classLogits: classifies ? join('classLogits') : undefined,
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

/** Pictures as one tensor `[images, height, width, 3]`. */
function stack(pixels: readonly Uint8Array[], size: { height: number; width: number }): Tensor {
  const length = size.height * size.width * 3;
  const values = new Uint8Array(pixels.length * length);
  for (const [index, image] of pixels.entries()) values.set(image, index * length);
  return new Tensor('uint8', values, [pixels.length, size.height, size.width, 3]);
}

/** Tensors joined along their first axis. */
function concatenate(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (tensors.length === 1 && first !== undefined) return first;
  const values = new Float32Array(tensors.reduce((length, tensor) => length + tensor.size, 0));
  let offset = 0;
  let count = 0;
  for (const tensor of tensors) {
    values.set(floats(tensor), offset);
    offset += tensor.size;
    count += tensor.dims[0] ?? 0;
  }
  return new Tensor('float32', values, [count, ...(first?.dims.slice(1) ?? [])]);
}
