import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LegendaError } from '../../src/errors.js';
import { trainingConfigurationSchema } from '../../src/training/configuration.js';
import { configurationKeys } from '../../src/training/configuration-keys.js';
import { readConfiguration } from '../../src/training/read-configuration.js';

const defaults = trainingConfigurationSchema.parse({});

let root: string;
let file: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'legenda-configuration-'));
  file = join(root, 'training.json');
});
afterAll(() => rm(root, { recursive: true }));

/** The error of a configuration that must not be taken. */
async function refused(given: unknown, settings: readonly string[] = []): Promise<LegendaError> {
  await writeFile(file, typeof given === 'string' ? given : JSON.stringify(given));
  const error = await readConfiguration(file, settings).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(LegendaError);
  expect(error.code).toBe('CONFIGURATION_INVALID');
  return error;
}

describe('readConfiguration', () => {
  it('gives the defaults where nothing is said', async () => {
    expect(await readConfiguration(undefined)).toEqual(defaults);
    expect(defaults.decoder.cell).toBe('lstm');
  });

  it('takes from a file what differs, and leaves the rest', async () => {
    await writeFile(
      file,
      '\uFEFF{ "decoder": { "dropout": { "output": 0.1 } }, "stages": { "endToEnd": { "epochs": 0 } } }',
    );
    const read = await readConfiguration(file);
    expect(read.decoder).toEqual({
      ...defaults.decoder,
      dropout: { ...defaults.decoder.dropout, output: 0.1 },
    });
    expect(read.stages.endToEnd).toEqual({ ...defaults.stages.endToEnd, epochs: 0 });
    expect(read.stages.decoder).toEqual(defaults.stages.decoder);
  });

  it('takes settings after the file, as JSON or as text', async () => {
    await writeFile(file, '{ "decoder": { "cell": "gru", "hidden": 64 }, "seed": 5 }');
    const read = await readConfiguration(file, [
      'decoder.cell=simpleRnn',
      'decoder.tieEmbedding=false',
      'stages.decoder.epochs=0.5',
      'clip={"kind": "value", "limit": 2}',
      'clip.limit=3',
      'licence=CC BY 4.0, see a=b',
    ]);
    expect(read.decoder).toMatchObject({ cell: 'simpleRnn', hidden: 64, tieEmbedding: false });
    expect(read.stages.decoder.epochs).toBe(0.5);
    expect(read.clip).toEqual({ kind: 'value', limit: 3 });
    expect(read).toMatchObject({ seed: 5, licence: 'CC BY 4.0, see a=b' });
  });

  it('takes text that looks like JSON as text where text is wanted', async () => {
    const { name, language, encoder } = await readConfiguration(undefined, [
      'name=2024',
      'language="pt-BR"',
      'encoder.classifier=null',
    ]);
    expect({ name, language }).toEqual({ name: '2024', language: 'pt-BR' });
    expect(encoder.classifier).toBe('null');
  });

  it.each([
    ['decoder.cel', 'decoder.cell'],
    ['decodr', 'decoder'],
    ['hidden', 'decoder.hidden'],
    ['Seed', 'seed'],
    ['stages.decoder.learning_rate', 'stages.decoder.learningRate'],
    ['encoderLearningRate', 'stages.endToEnd.encoderLearningRate'],
    ['optimizer', 'optimiser'],
  ])('names for the unknown key %s the nearest, %s', async (key, nearest) => {
    const { expected, received, advice } = await refused({}, [`${key}=1`]);
    expect({ expected, received, advice }).toEqual({
      expected: 'a known key',
      received: key,
      advice: `did you mean ${nearest}?`,
    });
  });

  it.each([
    ['decoder.cell=lstmm', '"simpleRnn", "lstm" or "gru"', '"lstmm"'],
    ['decoder.layers=5', 'an integer from 1 to 4', '5'],
    ['decoder.layers=1.5', 'an integer from 1 to 4', '1.5'],
    ['decoder.tieEmbedding=yes', 'true or false', '"yes"'],
    ['decoder.dropout.output=1', 'a number from 0 to 0.95', '1'],
    ['decoder=gru', 'an object of settings', '"gru"'],
    ['encoder.alpha=0.6', '0.5, 0.75 or 1', '0.6'],
    ['encoder.mean="127"', 'a number', '"127"'],
    ['seed=-1', 'an integer of at least 0', '-1'],
    ['stages.decoder.learningRate=0', 'a number above 0', '0'],
    ['name=', 'text that is not empty', '""'],
    ['vocabulary.minimumCount=null', 'an integer of at least 1', 'null'],
  ])('says of %s what is allowed and what was given', async (setting, allowed, given) => {
    const key = setting.slice(0, setting.indexOf('='));
    const { expected, received } = await refused({}, [setting]);
    expect({ expected, received }).toEqual({ expected: `${allowed} for ${key}`, received: given });
  });

  it('keeps an error to one line, however long the value', async () => {
    const { received } = await refused({ decoder: { cell: Array.from({ length: 100 }, () => 'lstm\n') } });
    expect(received?.length).toBeLessThanOrEqual(80);
    expect(received).toMatch(/^\["lstm\\n".*…$/);
  });

  it.each([
    ['{ "seed": 1, }', 'JSON'],
    ['', 'JSON'],
    ['[1]', 'not an object'],
    ['null', 'not an object'],
  ])('names the file that is no JSON object: %s', async (text, why) => {
    const { expected, received } = await refused(text);
    expect(expected).toBe('a JSON object');
    expect(received).toMatch(new RegExp(`^${file}: .*${why}`));
  });

  it('names a file that is not there', async () => {
    const missing = join(root, 'missing.json');
    await expect(readConfiguration(missing)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      received: missing,
    });
  });

  it.each(['decoder.cell', '=gru', ''])(
    'shows how a setting is written in place of "%s"',
    async (setting) => {
      const { expected, received } = await refused({}, [setting]);
      expect({ expected, received }).toEqual({
        expected: 'a setting such as decoder.cell=gru',
        received: setting,
      });
    },
  );

  it('refuses a run in which nothing would be trained', async () => {
    const none = ['language', 'decoder', 'endToEnd', 'cider'].map((stage) => `stages.${stage}.epochs=0`);
    const { expected, received } = await refused({}, none);
    expect(expected).toBe('a stage with more than 0 epochs');
    expect(received).toBe(none.join(' and '));
  });

  it('takes no key that it does not know, whatever its name', async () => {
    const known = configurationKeys().map(({ key }) => key);
    const word = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('__proto__', 'constructor', 'toString'),
    );
    const key = fc
      .array(word, { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.').replaceAll('=', ''))
      .filter((name) => name !== '' && !known.includes(name));
    await fc.assert(
      fc.asyncProperty(key, async (name) => {
        await refused({}, [`${name}=1`]);
      }),
      { numRuns: 50 },
    );
  });
});
