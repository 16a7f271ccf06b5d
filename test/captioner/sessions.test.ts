import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { openSessions } from '../../src/captioner/sessions.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-sessions-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('frees the encoder when the decoder cannot be opened', async () => {
  await writeTinyBundle(folder);
  const bundle = await loadBundle(folder);
  // After the checksums were verified, as a file that this build of ONNX Runtime cannot read would be.
  await writeFile(bundle.decoderPath, 'no graph');
  const create = InferenceSession.create.bind(InferenceSession) as (
    path: string,
  ) => Promise<InferenceSession>;
  const released = vi.fn();
  vi.spyOn(InferenceSession, 'create').mockImplementation(async (path: unknown) => {
    const session = await create(path as string);
    vi.spyOn(session, 'release').mockImplementation(async () => released(path));
    return session;
  });
  await expect(openSessions(bundle)).rejects.toMatchObject({
    code: 'BUNDLE_BROKEN',
    message: expect.stringContaining('decoder.onnx'),
  });
  expect(released.mock.calls).toEqual([[bundle.encoderPath]]);
});
