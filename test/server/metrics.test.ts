import { afterAll, beforeAll, expect, it } from 'vitest';
import { photoBytes, startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('GET /metrics counts requests, images, failures by code, and how many images share a batch', async () => {
  const photo = (await photoBytes(1)).toString('base64');
  const images = [...Array(8).fill({ base64: photo }), { base64: 'aGVsbG8=' }];
  const ask = async (body: unknown) => {
    const answer = await fetch(`${server.address}/v1/captions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await answer.arrayBuffer();
  };
  await Promise.all([ask({ images }), ask({ images }), ask({})]);
  await fetch(`${server.address}/somewhere/else`);
  const response = await fetch(`${server.address}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
  const text = await response.text();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  expect(value('legenda_images_total{outcome="captioned"}')).toBe(16);
  expect(value('legenda_images_total{outcome="failed"}')).toBe(2);
  expect(value('legenda_failures_total{of="image",code="IMAGE_UNSUPPORTED"}')).toBe(2);
  expect(value('legenda_failures_total{of="request",code="REQUEST_INVALID"}')).toBe(1);
  expect(value('legenda_batch_images_sum{model="tiny"}')).toBe(18);
  expect(value('legenda_batch_images_count{model="tiny"}')).toBeLessThan(18);
  expect(value('legenda_images_waiting')).toBe(0);
  expect(value('legenda_http_request_seconds_count{method="POST",route="/v1/captions",status="200"}')).toBe(
    2,
  );
  expect(text).toContain('route="none",status="404"');
  expect(text).not.toContain('somewhere');
});
