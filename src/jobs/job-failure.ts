import { asLegendaError, type ErrorCode, errorCodes, LegendaError } from '../errors.js';

/** Why a job failed. */
export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A failure in the one line that BullMQ keeps: the message, then its code in brackets. */
export function failureLine({ code, message }: JobFailure): string {
  return `${message} [${code}]`;
}

/** Why a job failed, from the line that BullMQ keeps. */
export function readFailure(line: string): JobFailure {
  // BullMQ's own words for a job that was under way each time that its worker ended.
  if (/^job stalled more than/.test(line)) {
    const { code, message } = new LegendaError('JOB_CRASHED', { received: line });
    return { code, message };
  }
  const [, message = line, code = 'INTERNAL'] = /^([\s\S]*) \[([A-Z_]+)\]$/.exec(line) ?? [];
  return { code: code in errorCodes ? (code as ErrorCode) : 'INTERNAL', message };
}

/** Has a job fail for the same reason as one that it waited for. */
export class PartFailed extends Error {
  constructor(readonly failure: JobFailure) {
    super(failure.message);
  }
}

/** Why a job failed that ended with this error. */
export function failureOf(error: unknown): JobFailure {
  return error instanceof PartFailed ? error.failure : asLegendaError(error);
}
