import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, openLog, startServer } from '../../src/server/index.js';
import {
  photoBytes,
  startTestServer,
  type TestServer,
  type TestServerOptions,
  TOKEN,
} from '../support/test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options?: TestServerOptions): Promise<TestServer> {
  server = await startTestServer(options);
  return server;
}

/** Sends text as it is and gives all that comes back until the server closes the connection. */
async function exchange({ address }: TestServer, ...texts: string[]): Promise<string> {
  const socket = open(address);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  for (const text of texts) socket.write(text);
  await once(socket, 'close');
  return answer;
}

function open(address: string): Socket {
  const { hostname, port } = new URL(address);
  return connect(Number(port), hostname).on('error', () => {});
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a server with tokens', () => {
  it('answers who has one, and nobody else', async () => {
    const { address, log } = await start({ tokens: ['another-long-token', TOKEN] });
    const ask = (headers: Record<string, string> = {}) => fetch(`${address}/v1/models`, { headers });
    expect((await ask(bearer(TOKEN))).status).toBe(200);
    const basic = Buffer.from(`anyone:${TOKEN}`).toString('base64');
    expect((await ask({ authorization: `basic ${basic}` })).status).toBe(200);
    for (const headers of [
      {},
      bearer('wrong-wrong-wrong-wrong'),
      bearer(TOKEN.slice(0, -1)),
      bearer(`${TOKEN}x`),
      { authorization: TOKEN },
      { authorization: `Digest ${TOKEN}` },
    ]) {
      const refused = await ask(headers);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="legenda"');
      expect(await refused.json()).toMatchObject({ code: 'TOKEN_REFUSED' });
    }
    expect((await fetch(`${address}/health/live`)).status).toBe(200);
    expect(log.join('')).toContain('/v1/models');
    expect(log.join('')).not.toContain('wrong-wrong');
    expect(log.join('')).not.toContain(TOKEN);
  });

  it('asks for one before it reads the body', async () => {
    const { address } = await start({ tokens: [TOKEN] });
    const answer = await fetch(`${address}/v1/captions`, { method: 'POST', body: '{' });
    expect(answer.status).toBe(401);
  });

  it('is needed where other machines reach the server, and a short one is none', async () => {
    const options = {
      port: 0,
      models: [],
      sources: {},
      redis: undefined,
      queues: [],
      trustProxy: false,
      allowHosts: [],
      limits: DEFAULT_LIMITS,
      log: openLog('silent'),
    };
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
      const unprotected = startServer({ ...options, host, tokens: [], noToken: false });
      await expect(unprotected).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('token'),
      });
    }
    const short = startServer({ ...options, host: '127.0.0.1', tokens: ['secret'], noToken: false });
    await expect(short).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.not.stringContaining('secret'),
    });
  });
});

describe('a page of another site', () => {
  it('can neither send photos through its visitor’s browser nor reach the server by a name of its own', async () => {
    const { address } = await start();
    const { host } = new URL(address);
    const post = (headers: Record<string, string>) =>
      fetch(`${address}/v1/captions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      });
    expect((await post({ origin: address })).status).toBe(422);
    for (const headers of [
      { origin: 'https://example.org' },
      { origin: 'null' },
      { origin: `http://localhost:${new URL(address).port}` },
    ]) {
      const refused = await post(headers);
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'FOREIGN_SITE' }]);
    }
    const end = 'Connection: close\r\n\r\n';
    const foreign = await exchange(
      server!,
      `POST /v1/captions HTTP/1.1\r\nHost: ${host}\r\nSec-Fetch-Site: same-site\r\n${end}`,
    );
    expect(foreign).toMatch(/^HTTP\/1.1 403 /);
    const rebound = await exchange(server!, `GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n${end}`);
    expect(rebound).toMatch(/^HTTP\/1.1 403 [\s\S]*FOREIGN_SITE/);
    const nameless = await exchange(server!, `GET /v1/models HTTP/1.1\r\n${end}`);
    expect(nameless).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED/);
  });
});

describe('a server without tokens', () => {
  it('answers under addresses and the names it was told, and no others', async () => {
    const running = await start({ allowHosts: ['Photos.Example'] });
    const ask = async (host: string) => {
      const request = `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      return Number((await exchange(running, request)).slice(9, 12));
    };
    for (const host of ['localhost:4300', '192.0.2.1', '[2001:db8::1]:80', 'photos.example:8080']) {
      expect([host, await ask(host)]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', 'evil.photos.example', '192.0.2.1.evil.example']) {
      expect([host, await ask(host)]).toEqual([host, 403]);
    }
  });
});

describe('limits', () => {
  it('refuses a body of 100 MB before it is sent', async () => {
    const running = await start();
    const answer = await exchange(
      running,
      `POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*REQUEST_TOO_LARGE/);
  });

  it('refuses a body that does not tell how long it is as soon as it is too long', async () => {
    const running = await start({ limits: { bodyBytes: 10_000 } });
    const piece = 'A'.repeat(8000);
    const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
    const head =
      'POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: ';
    const json = await exchange(running, `${head}application/json\r\n\r\n${chunk}${chunk}`);
    expect(json).toMatch(/^HTTP\/1.1 413 [\s\S]*REQUEST_TOO_LARGE/);
    const file = (name: string) =>
      `--x\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\n\r\n${piece}\r\n`;
    const text = `${file('a')}${file('b')}--x--\r\n`;
    const form = `${head}multipart/form-data; boundary=x\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    expect(await exchange(running, form)).toMatch(/^HTTP\/1.1 413 [\s\S]*REQUEST_TOO_LARGE/);
  });

  it('closes the connection of a form that it refuses half-way, so that nothing waits for the rest', async () => {
    const running = await start();
    const refused = (rest: string, length: number) =>
      exchange(
        running,
        'POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n' +
          `Content-Length: ${length}\r\n\r\n--x\r\nContent-Disposition: form-data; name="options"\r\n\r\n{\r\n--x\r\n${rest}`,
      );
    // The rest never comes, or it comes and is more than is read at once.
    expect(await refused('', 1_000_000)).toMatch(
      /^HTTP\/1.1 422 [\s\S]*connection: close[\s\S]*REQUEST_INVALID/,
    );
    const file = 'Content-Disposition: form-data; name="image"; filename="a"\r\n\r\n';
    const whole = await refused(`${file}${'A'.repeat(1_000_000)}`, 2_000_000);
    expect(whole).toMatch(/^HTTP\/1.1 422 [\s\S]*REQUEST_INVALID/);
  });

  it('asks clients to come again when the bodies under way are too many together', async () => {
    const running = await start({ limits: { bodyBytesUnderWay: 1000 } });
    const head =
      'POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ';
    const slow = open(running.address);
    slow.write(`${head}900\r\n\r\n`);
    await once(slow, 'connect');
    // The first has its room once the second is refused, however long that takes.
    let answer = '';
    while (!answer.includes('OVERLOADED')) {
      answer = await exchange(running, `${head}200\r\nConnection: close\r\n\r\n${' '.repeat(200)}`);
    }
    expect(answer).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1/);
    slow.destroy();
    while (answer.includes('OVERLOADED')) {
      answer = await exchange(running, `${head}200\r\nConnection: close\r\n\r\n${' '.repeat(200)}`);
    }
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it('cuts off whoever sends a request too slowly, and serves the others meanwhile', async () => {
    const running = await start({ limits: { headersTimeout: 300, requestTimeout: 600 } });
    const slowHeaders = exchange(running, 'GET /v1/models HTTP/1.1\r\nHost: local');
    const slowBody = exchange(
      running,
      'POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    expect((await fetch(`${running.address}/v1/models`)).status).toBe(200);
    expect(await slowHeaders).toMatch(/^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
    expect(await slowBody).toMatch(/^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
  });

  it('answers what is no HTTP with a problem too', async () => {
    const running = await start();
    expect(await exchange(running, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED/);
    const long = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await exchange(running, long)).toMatch(/^HTTP\/1.1 413 [\s\S]*REQUEST_TOO_LARGE/);
  });

  it('lets a client ask only so often in a minute', async () => {
    const { address } = await start({ limits: { requestsPerMinute: 3 } });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await fetch(`${address}/v1/models`)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await fetch(`${address}/nothing`);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  });

  it.each([true, false])(
    'tells clients apart by what the proxy says, not by what they say (proxy: %s)',
    async (trustProxy) => {
      const { address } = await start({ limits: { requestsPerMinute: 1 }, trustProxy });
      const ask = async (forwarded: string) =>
        (await fetch(`${address}/v1/models`, { headers: { 'x-forwarded-for': forwarded } })).status;
      expect(await ask('192.0.2.1, 198.51.100.1')).toBe(200);
      expect(await ask('192.0.2.2, 198.51.100.1')).toBe(429);
      expect(await ask('192.0.2.1, 198.51.100.2')).toBe(trustProxy ? 200 : 429);
    },
  );
});

describe('stopping', () => {
  /** Sends a part of a request, stops the server, and sends the rest. @returns the answer. */
  async function stopBetween(before: string, after: string): Promise<string> {
    const running = await startTestServer();
    const socket = open(running.address);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.write(before);
    await once(socket, 'connect');
    // What was sent before is read before.
    await fetch(`${running.address}/health/live`);
    const stopped = running.stop();
    await expect(fetch(`${running.address}/health/live`)).rejects.toThrow('fetch failed');
    socket.write(after);
    await once(socket, 'close');
    await stopped;
    return answer;
  }

  it('finishes the requests under way', async () => {
    const base64 = (await photoBytes(1)).toString('base64');
    const body = JSON.stringify({ images: [{ base64 }] });
    const head = `POST /v1/captions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    expect(await stopBetween(`${head}\r\n\r\n`, body)).toMatch(/^HTTP\/1.1 200 [\s\S]*"caption"/);
  });

  it('refuses a request that comes later on an open connection', async () => {
    const answer = await stopBetween('GET /v1/models HTTP/1.1\r\nHost: localhost\r\n', '\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 5[\s\S]*STOPPING/);
  });
});
