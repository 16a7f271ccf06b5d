import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { openapi } from './openapi.js';
import type { Operation, Operations } from './operation.js';

const tellApi: Operation = {
  method: 'GET',
  path: '/openapi.json',
  id: 'tellApi',
  summary: 'This document',
  open: true,
  answers: {
    200: {
      description: 'OpenAPI 3.1',
      content: { 'application/json': z.looseObject({ openapi: z.string() }) },
    },
  },
};

/** Add it last: the document tells of the operations that there are when it is first asked for. */
export function addOpenapiRoute(operations: Operations): void {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  let document: unknown;
  operations.add(tellApi, () => {
    document ??= openapi(operations.all, version);
    return document;
  });
}
