import type { ConvolutionLayer } from '../encoder/network.js';
import type { WeightArray } from '../weights.js';

/**
 * A convolution's kernel as ONNX wants it: `[height, width, in, out]` -> `[out, in, height, width]`, depthwise
 * `[height, width, channels, multiplier]` -> `[channels · multiplier, 1, height, width]`.
 */
export function toOnnxKernel(kernel: WeightArray, kind: ConvolutionLayer['kind']): WeightArray {
  const [height = 1, width = 1, a = 1, b = 1] = kernel.shape;
  const values = new Float32Array(kernel.values.length);
  const depthwise = kind === 'depthwiseConvolution';
  forEachPair(kernel.shape, kind, (tensorflow, onnx) => {
    values[onnx] = kernel.values[tensorflow] as number;
  });
  return { shape: depthwise ? [a * b, 1, height, width] : [b, a, height, width], values };
}

/** The inverse of {@link toOnnxKernel}. @param shape the kernel's own, which ONNX's does not tell for depthwise. */
export function fromOnnxKernel(
  stored: Float32Array,
  shape: readonly number[],
  kind: ConvolutionLayer['kind'],
): WeightArray {
  const values = new Float32Array(stored.length);
  forEachPair(shape, kind, (tensorflow, onnx) => {
    values[tensorflow] = stored[onnx] as number;
  });
  return { shape, values };
}

/** Visits every value's place in TensorFlow's layout and in ONNX's. */
function forEachPair(
  shape: readonly number[],
  kind: ConvolutionLayer['kind'],
  visit: (tensorflow: number, onnx: number) => void,
): void {
  const [height = 1, width = 1, a = 1, b = 1] = shape;
  const cells = height * width;
  for (let cell = 0, tensorflow = 0; cell < cells; cell++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++, tensorflow++) {
        const channel = kind === 'depthwiseConvolution' ? i * b + j : j * a + i;
        visit(tensorflow, channel * cells + cell);
      }
    }
  }
}
