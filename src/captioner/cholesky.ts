/** A symmetric, positive definite matrix A = L Lᵀ, factored once to solve A x = b for many b (Golub and Van Loan, 4.2). */
export class Cholesky {
  /** L by rows, `[size, size]`; what stands above its diagonal is not read. */
  private readonly factor: Float64Array;

  /**
   * @param matrix `[size, size]` by rows, of which only the lower triangle is read.
   * @throws an `Error` if it is not positive definite, or has values that are not numbers.
   */
  constructor(
    matrix: Float64Array,
    private readonly size: number,
  ) {
    const factor = Float64Array.from(matrix);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        let sum = factor[row * size + column]!;
        for (let i = 0; i < column; i++) sum -= factor[row * size + i]! * factor[column * size + i]!;
        if (row === column && !(sum > 0)) throw new Error('a matrix that is not positive definite');
        factor[row * size + column] = row === column ? Math.sqrt(sum) : sum / factor[column * size + column]!;
      }
    }
    this.factor = factor;
  }

  /** @param right b, `[size]`. @returns x, `[size]`. */
  solve(right: Float64Array): Float64Array {
    return this.backward(this.forward(right));
  }

  /** L⁻¹ b, `[size]`. */
  forward(right: Float64Array): Float64Array {
    const { factor, size } = this;
    const x = Float64Array.from(right);
    for (let row = 0; row < size; row++) {
      let sum = x[row]!;
      for (let i = 0; i < row; i++) sum -= factor[row * size + i]! * x[i]!;
      x[row] = sum / factor[row * size + row]!;
    }
    return x;
  }

  /** L⁻ᵀ b, `[size]`. */
  backward(right: Float64Array): Float64Array {
    const { factor, size } = this;
    const x = Float64Array.from(right);
    // Column by column, so that L is read by its rows here too.
    for (let row = size - 1; row >= 0; row--) {
      const value = x[row]! / factor[row * size + row]!;
      x[row] = value;
      for (let i = 0; i < row; i++) x[i]! -= factor[row * size + i]! * value;
    }
    return x;
  }
}
