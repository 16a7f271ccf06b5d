/** Every error a user can meet, by its code. The same codes stand in the command line, the library and the docs. */
export const errorCodes = {
  USAGE: 'wrong usage',
  CONFIGURATION_INVALID: 'the configuration is not valid',
  FILE_UNREADABLE: 'a file cannot be read',
  OUTPUT_UNWRITABLE: 'the output cannot be written',
  IMAGE_NOT_FOUND: 'the image does not exist',
  IMAGE_UNREADABLE: 'the image cannot be read',
  IMAGE_EMPTY: 'the image file is empty',
  IMAGE_UNSUPPORTED: 'the file is not an image of a supported format',
  IMAGE_BROKEN: 'the image is damaged or truncated',
  IMAGE_TOO_LARGE: 'the image is too large',
  NO_IMAGES: 'no images were found',
  NO_CAPTION: 'no caption could be written',
  DATASET_NOT_FOUND: 'the data set does not exist',
  DATASET_UNRECOGNISED: 'the data set is of no known format',
  DATASET_BROKEN: 'the data set cannot be read',
  DATASET_CHANGED: 'the data is not what the run began with',
  ENCODER_OPERATION_UNKNOWN: 'the encoder uses an operation that is not supported',
  ENCODER_INVALID: 'the encoder is not valid',
  ENCODER_UNAVAILABLE: 'the encoder cannot be downloaded',
  BUNDLE_NOT_FOUND: 'the model does not exist',
  BUNDLE_BROKEN: 'the model is damaged',
  BUNDLE_VERSION: 'the model was written by another version of Legenda',
  CHECKPOINT_NOT_FOUND: 'the checkpoint does not exist',
  CHECKPOINT_BROKEN: 'the checkpoint is damaged',
  PATH_FORBIDDEN: 'the path may not be read',
  URL_FORBIDDEN: 'the address may not be fetched',
  DOWNLOAD_FAILED: 'the image cannot be downloaded',
  JOB_INVALID: 'the job is not valid',
  JOB_NOT_FOUND: 'the job does not exist',
  JOB_NOT_OVER: 'the job is not over yet',
  JOB_CANCELLED: 'the job was cancelled',
  JOB_CRASHED: 'the job ends every worker that takes it',
  REDIS_UNAVAILABLE: 'Redis does not answer',
  REDIS_UNFIT: 'Redis is not fit for a queue',
  QUEUE_FULL: 'too many images are waiting',
  MODEL_UNKNOWN: 'there is no model of this name here',
  REQUEST_MALFORMED: 'the request cannot be read',
  REQUEST_INVALID: 'the request is not valid',
  REQUEST_TOO_LARGE: 'the request is too large',
  REQUEST_TYPE_UNSUPPORTED: 'the body is of a type that is not read here',
  REQUEST_TIMEOUT: 'the request took too long to arrive',
  ADDRESS_UNKNOWN: 'there is nothing at this address',
  METHOD_NOT_ALLOWED: 'this address does not know this method',
  TOKEN_REFUSED: 'no valid token was given',
  FOREIGN_SITE: 'the request comes from another site',
  TOO_MANY_REQUESTS: 'too many requests',
  OVERLOADED: 'there is too much to do at the moment',
  STOPPING: 'the server is stopping',
  TENSORFLOW_MISSING: 'training needs TensorFlow',
  TRAINING_DIVERGED: 'the loss is no longer a number',
  OUT_OF_MEMORY: 'there is not enough memory',
  INTERNAL: 'an error in Legenda itself',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** What was expected, as a noun phrase: "a JPEG, PNG or WebP image". */
  readonly expected?: string;
  /** What came instead, with its name: "notes.txt, which begins with "Dear"". */
  readonly received?: string;
  /** What to do next, as an order: "run npm run setup". */
  readonly advice?: string;
  readonly cause?: unknown;
}

/** An error with a code, worded in one place: what it is, what was expected, what was received, what to do. */
export class LegendaError extends Error {
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly received: string | undefined;
  readonly advice: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const parts: string[] = [];
    if (details.expected !== undefined) parts.push(`expected ${details.expected}`);
    if (details.received !== undefined) parts.push(`received ${details.received}`);
    const facts = parts.length > 0 ? `: ${parts.join(', ')}` : '';
    const advice = details.advice !== undefined ? ` (${details.advice})` : '';
    super(
      `${errorCodes[code]}${facts}${advice}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.name = 'LegendaError';
    this.code = code;
    this.expected = details.expected;
    this.received = details.received;
    this.advice = details.advice;
  }

  /** What it was made of but its cause, to be made again in another thread or process. */
  get details(): ErrorDetails {
    const { expected, received, advice } = this;
    const given = Object.entries({ expected, received, advice }).filter(([, text]) => text !== undefined);
    return Object.fromEntries(given);
  }
}

/** The given error as a LegendaError: itself if it is one, else wrapped as `INTERNAL` with its message kept. */
export function asLegendaError(error: unknown): LegendaError {
  if (error instanceof LegendaError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LegendaError('INTERNAL', { received: message, cause: error });
}
