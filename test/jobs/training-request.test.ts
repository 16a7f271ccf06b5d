import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRoots } from '../../src/jobs/allowed-path.js';
import { trainingRequest } from '../../src/jobs/training-request.js';
import { writeText } from '../fixtures/datasets.js';
import { writeTinyBundle } from '../support/tiny-bundle.js';

describe('what a train job may name', () => {
  let folder: string;
  const inside = (...names: string[]) => join(folder, 'root', ...names);
  const outside = (...names: string[]) => join(folder, 'elsewhere', ...names);

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'legenda-training-request-')));
    await writeText(inside('data', 'a.txt'), 'A dog.');
    await writeText(outside('a.txt'), 'A secret.');
    await writeTinyBundle(inside('model'));
    await writeTinyBundle(outside('model'));
    await mkdir(inside('linked'));
    for (const name of await readdir(inside('model')))
      await copyFile(inside('model', name), inside('linked', name));
    await rm(inside('linked', 'encoder.onnx'));
    await symlink(outside('model', 'encoder.onnx'), inside('linked', 'encoder.onnx'));
    await symlink(outside('model'), inside('link'));
    for (const [name, path] of Object.entries(GRAPH_MODELS)) {
      await writeText(
        inside('graph', name),
        JSON.stringify({ weightsManifest: [{ paths: [path], weights: [] }] }),
      );
    }
    await writeText(inside('graph', 'weights.bin'), '');
    await symlink(outside('a.txt'), inside('graph', 'link.bin'));
    await writeText(
      inside('graph', 'odd.json'),
      '{"weightsManifest":{"length":1,"0":{"paths":["../../elsewhere/a.txt"]}}}',
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  const request = async (more: object) =>
    trainingRequest(
      { version: 1, data: [inside('data')], name: 'run', ...more },
      { roots: await findRoots([inside()]), models: [], runs: join(folder, 'runs') },
      { id: '1', added: 1 },
    );

  it.each([
    ['a data set', () => ({ data: [outside()] })],
    ['one of several', () => ({ data: [inside('data'), outside()] })],
    ['a data set by dots', () => ({ data: ['../elsewhere'] })],
    ['a text', () => ({ text: [outside('a.txt')] })],
    ['a model', () => ({ init: outside('model') })],
    ['a model through a link', () => ({ init: 'link' })],
    ['a part of a model through a link', () => ({ init: inside('linked') })],
    ['an encoder', () => ({ set: [`encoder.source=${outside('model')}`] })],
    ['an encoder in the configuration', () => ({ configuration: { encoder: { source: outside('model') } } })],
    ['an encoder in a setting of several', () => ({ set: [`encoder={"source":"${outside('model')}"}`] })],
    ['a part of an encoder through a link', () => ({ set: ['encoder.source=linked'] })],
    ['weights of a GraphModel by dots', () => ({ set: ['encoder.source=graph/dots.json'] })],
    ['weights of a GraphModel through a link', () => ({ set: ['encoder.source=graph/link.json'] })],
  ])('refuses %s outside the roots, and leaves no folder', async (_, more) => {
    await expect(request(more())).rejects.toMatchObject({ code: 'PATH_FORBIDDEN' });
    expect(await readdir(join(folder, 'runs')).catch(() => [])).toEqual([]);
  });

  it('refuses a GraphModel whose list of weights cannot be told', async () => {
    const odd = request({ set: ['encoder.source=graph/odd.json'] });
    await expect(odd).rejects.toMatchObject({ code: 'ENCODER_INVALID' });
  });

  it('calls the model as the job, so that models of several jobs can be served together', async () => {
    expect((await request({ name: 'birds' })).configuration.name).toBe('birds');
    const named = await request({ name: 'fish', configuration: { name: 'pike' } });
    expect(named.configuration.name).toBe('pike');
    const set = await request({ name: 'frogs', set: ['name=toad'] });
    expect(set.configuration.name).toBe('toad');
  });

  it('says which models a name may be of, where there is none of that name', async () => {
    const unknown = await request({ init: 'nomodel' }).catch((error: Error) => error.message);
    expect(unknown).toContain('expected the name of a model of the worker (none), or a path below a --root');
  });

  it('finds what is below them', async () => {
    const more = { init: 'model', text: ['data/a.txt'], set: ['encoder.source=graph/beside.json'] };
    expect(await request(more)).toMatchObject({
      data: [inside('data')],
      text: [inside('data', 'a.txt')],
      init: inside('model'),
      configuration: { encoder: { source: inside('graph', 'beside.json') } },
      out: join(folder, 'runs', 'run'),
    });
  });
});

/** Where the weights of each are. */
const GRAPH_MODELS = {
  'beside.json': 'weights.bin',
  'dots.json': '../../elsewhere/a.txt',
  'link.json': 'link.bin',
};
