import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';

/** Bodies by media type. */
type Content = Readonly<Record<string, z.ZodType>>;

/** One thing that a client can ask for: what the server does by it and what the OpenAPI document says of it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters as Fastify writes them: `/v1/jobs/:id`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  /** Whether anyone may ask, without a token. @defaultValue false */
  readonly open?: boolean;
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: Content;
  /** The answers when all is well, by status. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>;
  /** The codes that it can fail with, besides those that every request can. */
  readonly failures?: readonly ErrorCode[];
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether anyone may ask, without a token. */
    open?: boolean;
  }
}

/** The operations of a server, as they are added. */
export class Operations {
  readonly all: Operation[] = [];

  constructor(private readonly app: FastifyInstance) {}

  add(operation: Operation, handler: Handler): void {
    this.all.push(operation);
    const { method, path, open = false } = operation;
    this.app.route({ method, url: path, config: { open }, handler });
  }
}
