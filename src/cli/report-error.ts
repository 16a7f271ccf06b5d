import { asLegendaError, type ErrorCode } from '../errors.js';

/** Errors that say: what was asked cannot be done as it was asked, and nothing was. */
const WRONG_USAGE: ReadonlySet<ErrorCode> = new Set([
  'USAGE',
  'JOB_INVALID',
  'JOB_NOT_FOUND',
  'CONFIGURATION_INVALID',
  'BUNDLE_NOT_FOUND',
  'DATASET_NOT_FOUND',
  'DATASET_UNRECOGNISED',
  'DATASET_CHANGED',
  'CHECKPOINT_NOT_FOUND',
]);

/** The process's exit code after this error: 2 for wrong usage, otherwise 1. */
export function exitCodeOf(error: unknown): number {
  return WRONG_USAGE.has(asLegendaError(error).code) ? 2 : 1;
}

/** An error in one line: `legenda: <what> [CODE]`. */
export function errorLine({ code, message }: { readonly code: string; readonly message: string }): string {
  return `legenda: ${message.replaceAll('\n', ' ')} [${code}]`;
}

/** Says an error on standard error, with the stack where it is Legenda's own mistake. */
export function reportError(error: unknown): void {
  const known = asLegendaError(error);
  process.stderr.write(`${errorLine(known)}\n`);
  if (known.code === 'INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}
