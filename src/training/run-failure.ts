import { LegendaError } from '../errors.js';
import { latestCheckpoint } from './checkpoint.js';
import type { RunFolder } from './run-folder.js';

/** A failure of a run as users can act on it: what is whole, and how to go on from there. Others are given back as they are. */
export async function explainFailure(error: unknown, run: RunFolder): Promise<unknown> {
  const latest = await latestCheckpoint(run.checkpoints);
  const whole = latest === undefined ? 'no checkpoint was made yet' : `${latest} is whole`;
  const anew =
    latest === undefined
      ? 'begin anew'
      : `"legenda export ${latest}" makes a model of it, from which another run goes on with --init`;
  if (isOutOfMemory(error)) {
    return new LegendaError('OUT_OF_MEMORY', {
      expected: 'memory for the next step',
      received: (error as Error).message.replace(/^Invalid TF_Status: \d+\s*Message: /, ''),
      advice: `${whole}: end other programs and go on with --resume, or, as --resume keeps the settings, ${anew} and a smaller batch, as --set stages.endToEnd.batch=8`,
      cause: error,
    });
  }
  if (!(error instanceof LegendaError)) return error;
  if (error.code === 'TRAINING_DIVERGED') {
    const advice = `${whole} and from before: ${anew} and a lower learning rate or clip.limit; --resume would keep the settings and end here again`;
    return new LegendaError(error.code, { ...error.details, advice, cause: error.cause });
  }
  if (isFull(error.cause)) {
    const advice = `the disk is full; ${whole}: make room and go on with --resume`;
    return new LegendaError(error.code, { ...error.details, advice, cause: error.cause });
  }
  return error;
}

function isFull(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

/** What TensorFlow, JavaScript's arrays and the operating system say when memory cannot be had. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof LegendaError) return false;
  const { message } = error;
  return (
    /\bOOM when allocating|failed to allocate memory|ResourceExhausted|std::bad_alloc/i.test(message) ||
    (error instanceof RangeError &&
      /Array buffer allocation failed|Invalid typed array length/.test(message)) ||
    ('code' in error && (error.code === 'ENOMEM' || error.code === 'ERR_MEMORY_ALLOCATION_FAILED'))
  );
}
