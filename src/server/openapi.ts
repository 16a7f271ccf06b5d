import { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import type { Operation } from './operation.js';
import { PROBLEM_TYPE, problemSchema, statusOf } from './problem.js';

/** What any request can fail with, and what one with a body can besides. */
const ALWAYS: readonly ErrorCode[] = [
  'REQUEST_MALFORMED',
  'FOREIGN_SITE',
  'REQUEST_TIMEOUT',
  'TOO_MANY_REQUESTS',
  'INTERNAL',
  'STOPPING',
];
const WITH_BODY: readonly ErrorCode[] = [
  'REQUEST_TOO_LARGE',
  'REQUEST_TYPE_UNSUPPORTED',
  'REQUEST_INVALID',
  'OVERLOADED',
];

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of these operations: their schemas are those that requests are checked with. */
export function openapi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Legenda',
      version,
      description:
        'Captions for photos. Failures are problems (RFC 9457) with the codes of the command line.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: json(problemSchema) },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function described(operation: Operation): Json {
  const { id, summary, open = false, body, answers } = operation;
  return {
    operationId: id,
    summary,
    security: open ? [] : [{ token: [] }, {}],
    ...parameters(operation),
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            ...(answer.content === undefined ? {} : { content: content(answer.content) }),
          },
        ]),
      ),
      ...failures(operation),
    },
  };
}

function parameters({ parameters: path, query }: Operation): Json {
  const listed = [
    ...Object.entries(path?.shape ?? {}).map(([name, schema]) => parameter('path', name, schema)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => parameter('query', name, schema)),
  ];
  return listed.length === 0 ? {} : { parameters: listed };
}

function parameter(where: 'path' | 'query', name: string, schema: z.core.$ZodType): Json {
  const { description, ...rest } = json(schema);
  const required = where === 'path';
  return { name, in: where, required, ...(description === undefined ? {} : { description }), schema: rest };
}

/** An answer for each status that the operation can fail with, naming the codes. */
function failures({ open = false, body, query, failures: own = [] }: Operation): Json {
  const codes = new Set([
    ...ALWAYS,
    ...(open ? [] : (['TOKEN_REFUSED'] as const)),
    ...(body === undefined ? [] : WITH_BODY),
    ...(query === undefined ? [] : (['REQUEST_INVALID'] as const)),
    ...own,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  const schema = { $ref: '#/components/schemas/Problem' };
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.join(', '), content: { [PROBLEM_TYPE]: { schema } } },
    ]),
  );
}

function content(bodies: Readonly<Record<string, z.ZodType>>): Json {
  return Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema: json(schema) }]));
}

/** A schema as the document has it. Of what is text in the address (a number in a query) it tells what goes in. */
function json(schema: z.core.$ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
