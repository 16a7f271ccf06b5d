import ort from 'onnxruntime-node';

/** A tensor's values and shape. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** Opens a model, given as its path or its bytes, to be run as often as wanted. */
export async function openModel(model: Uint8Array | string) {
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session =
    typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds: Feeds): Promise<Record<string, Values>> {
      const outputs = Object.entries(await session.run(feeds));
      return Object.fromEntries(
        outputs.map(([name, { dims, data }]) => [name, { shape: dims, values: data as Float32Array }]),
      );
    },
  };
}

export const uint8 = (values: Uint8Array, ...shape: number[]) => new ort.Tensor('uint8', values, shape);
export const int32 = (values: readonly number[], ...shape: number[]) =>
  new ort.Tensor('int32', Int32Array.from(values), shape);
export const float32 = (values: Iterable<number>, ...shape: number[]) =>
  new ort.Tensor('float32', Float32Array.from(values), shape);

/** The largest difference between two lists of numbers; infinite if they are not equally long. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // Not a number is no agreement either.
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
