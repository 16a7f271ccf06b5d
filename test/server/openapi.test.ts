import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;

/** The document as a client reads it. */
// biome-ignore lint/suspicious/noExplicitAny: what a client reads
const documentOf = async ({ address }: TestServer): Promise<any> =>
  (await fetch(`${address}/openapi.json`)).json();

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('GET /openapi.json', () => {
  it('tells of every operation, each of its answers, and of failures as problems', async () => {
    const document = await documentOf(server);
    expect(document.openapi).toBe('3.1.0');
    const { post } = document.paths['/v1/captions'];
    expect(Object.keys(post.requestBody.content)).toEqual(['application/json', 'multipart/form-data']);
    const statuses = ['200', '400', '401', '403', '408', '413', '415', '422', '429', '500', '503'];
    expect(Object.keys(post.responses)).toEqual(statuses);
    for (const [status, answer] of Object.entries(post.responses as Record<string, { content: object }>)) {
      const type = status === '200' ? 'application/json' : 'application/problem+json';
      expect(Object.keys(answer.content)).toEqual([type]);
    }
  });

  it('tells of nothing that the server does not answer, and leaves nothing out', async () => {
    const document = await documentOf(server);
    for (const [path, operations] of Object.entries(document.paths as Record<string, object>)) {
      for (const method of Object.keys(operations)) {
        const response = await fetch(server.address + path, { method });
        expect(response.status, `${method} ${path}`).not.toBe(404);
      }
    }
  });
});

describe('what is at no address', () => {
  it.each([
    ['/nothing', 'GET', 404, 'ADDRESS_UNKNOWN'],
    ['/v1/captions/', 'POST', 404, 'ADDRESS_UNKNOWN'],
    ['/v1/models', 'POST', 405, 'METHOD_NOT_ALLOWED'],
    ['/v1/captions', 'GET', 405, 'METHOD_NOT_ALLOWED'],
    ['/%zz', 'GET', 400, 'REQUEST_MALFORMED'],
  ])('%s %s is answered with a problem', async (path, method, status, code) => {
    const response = await fetch(server.address + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code });
    if (status === 405) expect(response.headers.get('allow')).toMatch(/GET|POST/);
  });
});
