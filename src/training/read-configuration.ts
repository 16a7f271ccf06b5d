import { readFile } from 'node:fs/promises';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { STAGES, type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';

/**
 * The configuration from a JSON file of overrides, then from `key=value` settings such as `decoder.cell=gru`.
 * @throws `CONFIGURATION_INVALID` naming the key, what is allowed, and for an unknown key the nearest one.
 */
export async function readConfiguration(
  file: string | undefined,
  settings: readonly string[] = [],
): Promise<TrainingConfiguration> {
  const given = file === undefined ? {} : await readJson(file);
  for (const setting of settings) applySetting(given, setting);
  const parsed = trainingConfigurationSchema.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error);
  if (STAGES.every((name) => parsed.data.stages[name].epochs === 0)) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a stage with more than 0 epochs',
      received: STAGES.map((name) => `stages.${name}.epochs=0`).join(' and '),
    });
  }
  return parsed.data;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new LegendaError('FILE_UNREADABLE', { expected: 'a configuration in JSON', received: file, cause });
  });
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not an object';
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a JSON object',
      received: `${file}: ${reason}`,
      cause,
    });
  }
}

/** Sets one value, given as JSON or else as text. */
function applySetting(target: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf('=');
  if (equals < 1) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a setting such as decoder.cell=gru',
      received: setting,
    });
  }
  const path = setting.slice(0, equals).split('.');
  const last = path.pop() as string;
  let inner = target;
  for (const key of path) {
    const next = inner[key];
    inner[key] = typeof next === 'object' && next !== null ? { ...next } : {};
    inner = inner[key] as Record<string, unknown>;
  }
  inner[last] = parseValue(setting.slice(equals + 1));
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function invalid(error: z.ZodError): LegendaError {
  const [issue] = error.issues;
  const place = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const known = allKeys(trainingConfigurationSchema);
    const full = place === '' ? unknown : `${place}.${unknown}`;
    const nearest = known.toSorted((a, b) => distance(a, full) - distance(b, full))[0] ?? '';
    return new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a known key',
      received: full,
      advice: `did you mean ${nearest}?`,
    });
  }
  return new LegendaError('CONFIGURATION_INVALID', {
    expected: issue?.message ?? '',
    received: `another value at ${place}`,
  });
}

/** Every key of the schema, as settings name it. */
function allKeys(schema: z.ZodType, prefix = ''): string[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [prefix];
  const keys = Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, value]) =>
    allKeys(value, prefix === '' ? key : `${prefix}.${key}`),
  );
  return prefix === '' ? keys : [prefix, ...keys];
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema;
}
