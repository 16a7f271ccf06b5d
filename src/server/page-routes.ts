import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The page may load and ask only what this server has, and no other page may show it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page's files, by name. They are all that is served: no part of an address is ever a path. */
const PAGE_FILES = [
  ...['index.html', 'icon.svg'],
  ...['base.css', 'gallery.css', 'look.css', 'jobs.css'],
  ...['api.js', 'app.js', 'attention.js', 'captioning.js', 'card.js', 'clipboard.js', 'downloads.js'],
  ...['elements.js', 'events.js', 'files.js', 'gallery.js', 'job-list.js', 'job-text.js', 'look.js'],
  ...['photo.js', 'thumbnails.js', 'word-line.js'],
];

/** Modules that the page shares with the command line; only compiled ones can run in a browser. */
const SHARED_FILES = ['overlay.js', 'colours.js'];

interface StaticFile {
  readonly body: Buffer;
  readonly tag: string;
}

/** Serves the page at `/` and its files under `/page/`, to anyone: they tell of nothing. */
export function addPageRoutes(app: FastifyInstance): void {
  for (const name of PAGE_FILES) addFile(app, name, new URL(`../server/page/${name}`, import.meta.url));
  for (const name of SHARED_FILES) addFile(app, name, new URL(`../explain/${name}`, import.meta.url));
}

function addFile(app: FastifyInstance, name: string, file: URL): void {
  let read: Promise<StaticFile> | undefined;
  const url = name === 'index.html' ? '/' : `/page/${name}`;
  app.get(url, { config: { open: true } }, async (request, reply) => {
    read ??= readStatic(file);
    return send(request, reply, await read, TYPES[extname(name)] ?? 'application/octet-stream');
  });
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, tag }: StaticFile,
  type: string,
): FastifyReply {
  // Kept by the browser, but asked for again: a new version is seen at once.
  void reply.headers({ 'cache-control': 'no-cache', etag: tag, 'content-security-policy': POLICY });
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  return reply.type(type).send(body);
}

async function readStatic(file: URL): Promise<StaticFile> {
  const body = await readFile(file);
  return { body, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
