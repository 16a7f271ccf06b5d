import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { brokenFile } from './broken.js';
import { askGuard } from './read-guard.js';
import { readText } from './read-text.js';

/** A JSON file of that form. @param expected the form in words. @throws `DATASET_BROKEN` with the place that is wrong. */
export async function readJson<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  expected: string,
): Promise<z.output<Schema>> {
  const text = await readText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw brokenFile(file, 'valid JSON', cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw brokenFile(file, expected, `${issue?.message}${place}`);
}

/** Bytes in which a file shows what it is. */
const HEAD = 64 * 1024;

/** How a file begins, as text; empty if it cannot be read. */
export async function headOf(path: string): Promise<string> {
  await askGuard(path);
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

/**
 * The one JSON file that a path stands for: itself, or the only one in the folder whose name fits; undefined for none and
 * for several, of which the user has to name one.
 */
export async function onlyJson(path: string, name: RegExp): Promise<string | undefined> {
  if (path.endsWith('.json')) return path;
  const names = await readdir(path).catch((): string[] => []);
  const [first, ...others] = names.filter((candidate) => name.test(candidate));
  return first === undefined || others.length > 0 ? undefined : join(path, first);
}
