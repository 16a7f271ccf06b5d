/**
 * The linear forecast x_{t+1} = a_0 + Σ a_i x_{t−i} with the least squared error on the given windows: an autoregressive
 * model, AR(p), fitted by its normal equations.
 * @param {readonly { given: readonly number[], next: number }[]} windows
 * @returns {(given: readonly number[]) => number}
 */
export function fitAutoregression(windows) {
  const rows = windows.map(({ given }) => [1, ...given]);
  const size = rows[0]?.length ?? 1;
  // [Xᵀ X + ridge | Xᵀ y]: the ridge, far below all else, is there for windows that say the same twice.
  const equations = Array.from({ length: size }, (_, i) => [
    ...Array.from(
      { length: size },
      (_, j) => sum(rows, (row) => (row[i] ?? 0) * (row[j] ?? 0)) + (i === j ? 1e-9 * rows.length : 0),
    ),
    sum(rows, (row, n) => (row[i] ?? 0) * (windows[n]?.next ?? 0)),
  ]);
  const [constant = 0, ...factors] = solve(equations);
  return (given) => given.reduce((total, value, i) => total + (factors[i] ?? 0) * value, constant);
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T, index: number) => number} value
 */
function sum(items, value) {
  return items.reduce((total, item, index) => total + value(item, index), 0);
}

/** Gauss and Jordan, with the largest pivot. @param {number[][]} equations each with its right side last */
function solve(equations) {
  const rows = equations.map((row) => [...row]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const below = rows.slice(column).map((row) => Math.abs(row[column] ?? 0));
    const pivot = column + below.indexOf(Math.max(...below));
    const row = /** @type {number[]} */ (rows[pivot]);
    rows[pivot] = /** @type {number[]} */ (rows[column]);
    const scale = row[column] ?? 1;
    rows[column] = row.map((value) => value / scale);
    for (const [other, values] of rows.entries()) {
      if (other === column) continue;
      const factor = values[column] ?? 0;
      rows[other] = values.map((value, i) => value - factor * (rows[column]?.[i] ?? 0));
    }
  }
  return rows.map((row) => row[size] ?? 0);
}
