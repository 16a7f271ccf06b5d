import { join } from 'node:path';

/** The graphs of a bundle, by what they are called in it. */
export const ENCODER = 'encoder.onnx';
export const DECODER = 'decoder.onnx';

/** Where a bundle's graphs are. */
export interface Graphs {
  readonly encoderPath: string;
  readonly decoderPath: string;
}

export function graphsOf(directory: string): Graphs {
  return { encoderPath: join(directory, ENCODER), decoderPath: join(directory, DECODER) };
}
