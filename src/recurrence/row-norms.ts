import type { Tensor2D } from '@tensorflow/tfjs-node';

/** The Euclidean norm of each row. In double precision: squares of vanishing gradients are zero in float32. */
export function rowNorms(rows: Tensor2D): number[] {
  const [count, width] = rows.shape;
  const values = rows.dataSync<'float32'>();
  return Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += (values[i] as number) ** 2;
    return Math.sqrt(sum);
  });
}
