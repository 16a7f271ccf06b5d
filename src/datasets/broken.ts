import { LegendaError } from '../errors.js';

/** A `DATASET_BROKEN` that names the file and what is wrong with it. */
export function brokenFile(file: string, expected: string, problem: string, cause?: unknown): LegendaError {
  return new LegendaError('DATASET_BROKEN', { expected, received: `${file} (${problem})`, cause });
}
