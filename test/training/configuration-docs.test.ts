import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configurationDocs } from '../../src/training/configuration-docs.js';
import { configurationKeys } from '../../src/training/configuration-keys.js';

const page = new URL('../../docs/configuration.md', import.meta.url);

it('docs/configuration.md tells every key as it is now (UPDATE_DOCS=1 writes it again)', async () => {
  if (process.env.UPDATE_DOCS === '1') await writeFile(page, configurationDocs());
  expect(await readFile(page, 'utf8')).toBe(configurationDocs());
});

it('every key says what it does', () => {
  const silent = configurationKeys().filter(
    ({ kind, description }) => kind !== 'section' && description === '',
  );
  expect(silent).toEqual([]);
});
