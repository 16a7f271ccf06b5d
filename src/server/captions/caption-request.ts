import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { captionJobSchema } from '../../jobs/contract.js';
import type { Limits } from '../limits.js';
import { checked } from '../problem.js';
import type { AskedImage, CaptionQuestion } from './caption-service.js';

const { images, model, options } = captionJobSchema.shape;

/** A caption request as JSON: the data of a caption job, without what concerns a queue. */
export const captionRequestSchema = z.strictObject({ images, model, options });

const file = z.string().meta({ contentMediaType: 'application/octet-stream' });

/** The same as a form. Its fields other than `model` and `options` are files, under any name. */
export const captionFormSchema = z
  .object({
    image: z.array(file).min(1).describe('Photos; its row calls each by its file name'),
    model: model.describe('Name of a model; the first'),
    options: z.string().optional().describe('The options as JSON'),
  })
  .describe('Photos as a form');

const formFieldsSchema = z.strictObject({ model, options });
const fileNameSchema = z.string().max(200);

/** What a request asks to be captioned, from JSON or a form. @throws `REQUEST_INVALID`, `REQUEST_TOO_LARGE`. */
export async function readCaptionRequest(request: FastifyRequest, limits: Limits): Promise<CaptionQuestion> {
  const question = request.isMultipart()
    ? await readForm(request.parts({ limits: { fileSize: limits.bodyBytes } }), limits)
    : checked(captionRequestSchema, request.body, 'a caption request');
  const { length } = question.images;
  if (length === 0) throw wrongNumber('none', 'send files', limits);
  if (length > limits.images) throw tooMany(limits);
  return question;
}

function tooMany(limits: Limits): LegendaError {
  return wrongNumber('more', 'send several requests', limits);
}

function wrongNumber(received: string, advice: string, { images }: Limits): LegendaError {
  return new LegendaError('REQUEST_INVALID', { expected: `1 to ${images} images`, received, advice });
}

async function readForm(parts: AsyncIterable<Multipart>, limits: Limits): Promise<CaptionQuestion> {
  const images: AskedImage[] = [];
  const fields: Record<string, unknown> = {};
  let left = limits.bodyBytes;
  for await (const part of readable(parts)) {
    if (part.type === 'field') {
      if (!(part.fieldname in formFieldsSchema.shape)) throw noFile(part.fieldname);
      const text = String(part.value);
      fields[part.fieldname] = part.fieldname === 'options' ? parsedJson(text) : text;
      continue;
    }
    if (images.length === limits.images) throw tooMany(limits);
    const bytes = await part.toBuffer();
    left -= bytes.length;
    // A body that does not tell its length beforehand is counted as it comes.
    if (left < 0) throw tooLarge(limits.bodyBytes);
    const name = checked(fileNameSchema, part.filename, 'a file name of at most 200 characters');
    images.push({ bytes, ...(name === '' ? {} : { id: name }) });
  }
  return { images, ...checked(formFieldsSchema, fields, 'files, and the fields model and options') };
}

/** What is usually meant is a file whose name was sent in place of its bytes. */
function noFile(field: string): LegendaError {
  return new LegendaError('REQUEST_INVALID', {
    expected: 'files, and the fields model and options',
    received: `the field ${field}, which is no file`,
    advice: `with curl a file has an @ before its name: -F ${field}=@photo.jpg`,
  });
}

/** The parts of a form. @throws `REQUEST_MALFORMED` where the reader of forms only says that something is wrong. */
async function* readable(parts: AsyncIterable<Multipart>): AsyncGenerator<Multipart, void, undefined> {
  try {
    yield* parts;
  } catch (error) {
    if (!(error instanceof Error) || 'statusCode' in error) throw error;
    throw new LegendaError('REQUEST_MALFORMED', {
      expected: 'a form (multipart/form-data)',
      received: error.message,
      cause: error,
    });
  }
}

export function tooLarge(bodyBytes: number): LegendaError {
  return new LegendaError('REQUEST_TOO_LARGE', {
    expected: `a body of at most ${bodyBytes} bytes`,
    received: 'more',
    advice: 'send fewer images at once',
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LegendaError('REQUEST_INVALID', {
      expected: 'the field options as JSON',
      received: error instanceof Error ? error.message : String(error),
    });
  }
}
