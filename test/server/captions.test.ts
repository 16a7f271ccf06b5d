import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionResultSchema } from '../../src/jobs/contract.js';
import { photoBytes, startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let photos: Buffer[];

beforeAll(async () => {
  server = await startTestServer({ limits: { images: 4, bodyBytes: 100_000 } });
  photos = await Promise.all([1, 2, 3].map(photoBytes));
});
afterAll(() => server.stop());

interface Answer {
  readonly status: number;
  readonly type: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads
  readonly body: any;
}

async function post(
  body: unknown,
  headers: Record<string, string> = {},
  address = server.address,
): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(`${address}/v1/captions`, {
    method: 'POST',
    headers: form ? headers : { 'content-type': 'application/json', ...headers },
    body: form || typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

function formOf(files: Record<string, Buffer>, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(files))
    form.append('image', new Blob([new Uint8Array(bytes)]), name);
  return form;
}

describe('POST /v1/captions', () => {
  it('captions uploaded photos, named by their files, with the rows of the command line', async () => {
    const { status, body } = await post(formOf({ 'a.jpg': photos[0]!, 'b.jpg': photos[1]! }));
    expect(status).toBe(200);
    expect(captionResultSchema.parse(body)).toEqual(body);
    expect(body.results).toMatchObject([
      { image: 'a.jpg', caption: expect.any(String), model: 'tiny' },
      { image: 'b.jpg', caption: expect.any(String), model: 'tiny' },
    ]);
  });

  it('says the same of the same photo in JSON', async () => {
    const form = await post(formOf({ 'a.jpg': photos[0]! }, { options: '{"top":2}' }));
    const images = [{ id: 'a.jpg', base64: photos[0]!.toString('base64') }];
    const json = await post({ images, options: { top: 2 }, model: 'tiny' });
    expect(json.status).toBe(200);
    expect(json.body.results[0].captions).toHaveLength(2);
    expect(json.body).toEqual(form.body);
  });

  it('tells where it looked for each word when it is asked to', async () => {
    const { body } = await post(formOf({ 'a.jpg': photos[0]! }, { options: '{"attention":true}' }));
    expect(captionResultSchema.parse(body)).toEqual(body);
    expect(body.results[0].captions[0].words[0].attention).toHaveLength(16);
  });

  it('captions the others when one of them is broken', async () => {
    const { status, body } = await post(
      formOf({ 'a.jpg': photos[0]!, 'b.jpg': photos[1]!.subarray(0, 300), 'c.jpg': Buffer.from('hello') }),
    );
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { caption: expect.any(String) },
      { image: 'b.jpg', error: { code: 'IMAGE_BROKEN' } },
      { image: 'c.jpg', error: { code: 'IMAGE_UNSUPPORTED' } },
    ]);
  });

  const image = { base64: 'aGVsbG8=' };
  it.each([
    ['text that is no JSON', '{', 400, 'REQUEST_MALFORMED'],
    ['nothing', {}, 422, 'REQUEST_INVALID'],
    ['no images', { images: [] }, 422, 'REQUEST_INVALID'],
    ['a field that there is not', { images: [image], opions: {} }, 422, 'REQUEST_INVALID'],
    ['an option out of its range', { images: [image], options: { top: 0 } }, 422, 'REQUEST_INVALID'],
    [
      'options that do not fit',
      { images: [image], options: { temperature: 2 } },
      422,
      'CONFIGURATION_INVALID',
    ],
    ['a model that there is not', { images: [image], model: 'other' }, 422, 'MODEL_UNKNOWN'],
    ['too many images', { images: Array(5).fill(image) }, 422, 'REQUEST_INVALID'],
    ['a body that is too large', { images: [{ base64: 'A'.repeat(120_000) }] }, 413, 'REQUEST_TOO_LARGE'],
    ['a form without files', formOf({}, { model: 'tiny' }), 422, 'REQUEST_INVALID'],
    ['a form with a field too many', formOf({}, { modle: 'tiny' }), 422, 'REQUEST_INVALID'],
    ['a form whose options are no JSON', formOf({}, { options: '{' }), 422, 'REQUEST_INVALID'],
    [
      'a form with too many files',
      formOf(Object.fromEntries('abcdefg'.split('').map((n) => [n, Buffer.of(1)]))),
      422,
      'REQUEST_INVALID',
    ],
  ])('refuses %s, and says why', async (_, asked, status, code) => {
    const answer = await post(asked);
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status, code } });
    expect(answer.body.detail.length).toBeGreaterThan(answer.body.title.length);
  });

  it('refuses a type of body that it does not read', async () => {
    const answer = await post('hello', { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'REQUEST_TYPE_UNSUPPORTED' } });
    expect(answer.body.detail).toContain('expected application/json');
    expect(answer.body.detail).toContain('received text/plain');
  });

  it('says how to send a file where its name was sent', async () => {
    const answer = await post(formOf({}, { image: 'photo.jpg' }));
    expect(answer).toMatchObject({ status: 422, body: { code: 'REQUEST_INVALID' } });
    expect(answer.body.detail).toContain('-F image=@photo.jpg');
  });

  it('refuses a form that breaks off or has no boundary', async () => {
    const broken = await post('--x\r\nContent-Disp', { 'content-type': 'multipart/form-data; boundary=x' });
    expect(broken).toMatchObject({ status: 400, body: { code: 'REQUEST_MALFORMED' } });
    const unbounded = await post('hello', { 'content-type': 'multipart/form-data' });
    expect(unbounded).toMatchObject({ status: 400, body: { code: 'REQUEST_MALFORMED' } });
  });
});

describe('images that a request only names', () => {
  const images = [{ path: '/etc/passwd' }, { url: 'http://127.0.0.1:1/photo.jpg' }];

  it('are refused', async () => {
    const { status, body } = await post({ images });
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { image: '/etc/passwd', error: { code: 'PATH_FORBIDDEN' } },
      { image: 'http://127.0.0.1:1/photo.jpg', error: { code: 'URL_FORBIDDEN' } },
    ]);
  });

  it('are read where the server was told so, and nowhere else', async () => {
    const examples = fileURLToPath(new URL('../../examples', import.meta.url));
    const allowing = await startTestServer({
      sources: { roots: [join(examples, 'photos')], allowUrls: true },
    });
    const asked = [
      { path: join(examples, 'photos', 'cat.jpg') },
      { path: join(examples, 'photos', '..', 'http', 'README.md') },
      ...images,
    ];
    const { body } = await post({ images: asked }, {}, allowing.address);
    expect(body.results).toMatchObject([
      { caption: expect.any(String) },
      { error: { code: 'PATH_FORBIDDEN' } },
      { error: { code: 'PATH_FORBIDDEN' } },
      { error: { code: 'URL_FORBIDDEN' } },
    ]);
    await allowing.stop();
  });
});
