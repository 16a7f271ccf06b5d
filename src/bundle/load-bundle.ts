import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { type TagMap, tagMapSchema } from '../tags/tag-map.js';
import type { Vocabulary } from '../text/index.js';
import { vocabularyFrom, vocabularySchema } from '../text/vocabulary-json.js';
import { type Graphs, graphsOf } from './graph-files.js';
import { MANIFEST, type Manifest, manifestSchema, SCHEMA_VERSION, VOCABULARY } from './manifest.js';

/** A model on disk; `loadBundle` gives only those whose files are all there and as they were written. */
export interface Bundle extends Graphs {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly vocabulary: Vocabulary;
  /** The words of the classifier's classes, if the model has tags. */
  readonly tags?: TagMap | undefined;
}

const versionSchema = z.object({ schemaVersion: z.int().min(1) });
const wordsSchema = vocabularySchema.extend({ tags: tagMapSchema.optional() });

/** One buffer for all reads: a stream of new ones takes twice as long. */
const READ_BYTES = 1 << 20;

/** A bundle whose files are still being verified. */
export interface OpenedBundle {
  readonly bundle: Bundle;
  /** Fulfilled when every file is as it was written. @throws `BUNDLE_BROKEN` naming the file. */
  readonly verified: Promise<void>;
}

/**
 * Opens a bundle and verifies every file's size and checksum.
 * @throws `BUNDLE_NOT_FOUND`, `BUNDLE_BROKEN` naming the file, `BUNDLE_VERSION` if a newer Legenda wrote it.
 */
export async function loadBundle(directory: string): Promise<Bundle> {
  const { bundle, verified } = await openBundle(directory);
  await verified;
  return bundle;
}

/**
 * Opens a bundle for what can be undone if a file turns out to be damaged: its files are verified meanwhile.
 * @throws as `loadBundle` does.
 */
export async function openBundle(directory: string): Promise<OpenedBundle> {
  const manifest = await readManifest(directory);
  const verified = verifyFiles(directory, manifest);
  // Whoever opened it awaits it; until then a failure is nobody's.
  verified.catch(() => {});
  const vocabulary = await readVocabulary(directory).catch(async (error: unknown) => {
    // Why it cannot be read is told best by what is wrong with the file.
    await verified;
    throw error;
  });
  return { bundle: { directory, manifest, ...vocabulary, ...graphsOf(directory) }, verified };
}

async function verifyFiles(directory: string, { files }: Manifest): Promise<void> {
  for (const [name, expected] of Object.entries(files)) await verifyFile(directory, name, expected);
}

async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new LegendaError('BUNDLE_NOT_FOUND', {
      expected: `a folder with ${MANIFEST}`,
      received: directory,
      cause,
    });
  });
  const json = parseJson(directory, MANIFEST, text);
  const version = versionSchema.safeParse(json);
  if (version.success && version.data.schemaVersion > SCHEMA_VERSION) {
    throw new LegendaError('BUNDLE_VERSION', {
      expected: `schema version ${SCHEMA_VERSION}`,
      received: `${join(directory, MANIFEST)} with schema version ${version.data.schemaVersion}`,
      advice: 'update Legenda',
    });
  }
  return validate(directory, MANIFEST, manifestSchema, json);
}

async function readVocabulary(directory: string): Promise<Pick<Bundle, 'vocabulary' | 'tags'>> {
  const text = await readFile(join(directory, VOCABULARY), 'utf8');
  const json = parseJson(directory, VOCABULARY, text);
  const { tags, ...words } = validate(directory, VOCABULARY, wordsSchema, json);
  try {
    return { vocabulary: vocabularyFrom(words), tags };
  } catch (cause) {
    throw broken(directory, VOCABULARY, { expected: 'a vocabulary', cause });
  }
}

async function verifyFile(directory: string, name: string, expected: { size: number; sha256: string }) {
  const path = join(directory, name);
  const size = await stat(path).then(
    (stats) => stats.size,
    (cause: unknown) => {
      throw broken(directory, name, { expected: 'the file to be there', cause });
    },
  );
  if (size !== expected.size) {
    throw broken(directory, name, { expected: `${expected.size} bytes`, received: `${size} bytes` });
  }
  if ((await sha256Of(path)) !== expected.sha256) {
    throw broken(directory, name, { expected: `the content that ${MANIFEST} has the checksum of` });
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function parseJson(directory: string, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw broken(directory, name, { expected: 'JSON', cause });
  }
}

function validate<T>(directory: string, name: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') || 'it';
  throw broken(directory, name, { expected: `${place} to be right: ${issue?.message}`, cause: result.error });
}

/** A `BUNDLE_BROKEN` that names the file. */
export function broken(
  directory: string,
  name: string,
  { expected, received, cause }: { expected: string; received?: string; cause?: unknown },
): LegendaError {
  const path = join(directory, name);
  return new LegendaError('BUNDLE_BROKEN', {
    expected: `in ${path} ${expected}`,
    ...(received === undefined ? {} : { received }),
    advice: 'fetch or write the model again',
    cause,
  });
}
