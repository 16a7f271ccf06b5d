import { readFile } from 'node:fs/promises';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { STAGES, type TrainingConfiguration, trainingConfigurationSchema } from './configuration.js';
import { configurationKeys } from './configuration-keys.js';

type Given = Readonly<Record<string, unknown>>;

/**
 * The configuration from overrides, as they are or in a JSON file, then from `key=value` settings such as `decoder.cell=gru`.
 * @throws `FILE_UNREADABLE`, `CONFIGURATION_INVALID` naming the key, what is allowed, what was given, and for an unknown key the
 *   nearest one.
 */
export async function readConfiguration(
  overrides: string | Given | undefined,
  settings: readonly string[] = [],
): Promise<TrainingConfiguration> {
  const start = typeof overrides === 'string' ? await readOverrides(overrides) : (overrides ?? {});
  const given = settings.reduce(withSetting, start);
  const parsed = trainingConfigurationSchema.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error, given);
  if (STAGES.every((name) => parsed.data.stages[name].epochs === 0)) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a stage with more than 0 epochs',
      received: STAGES.map((name) => `stages.${name}.epochs=0`).join(' and '),
    });
  }
  return parsed.data;
}

/** The settings in a JSON file, not checked. @throws `FILE_UNREADABLE`, `CONFIGURATION_INVALID` where it holds no object. */
export async function readOverrides(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new LegendaError('FILE_UNREADABLE', { expected: 'a configuration in JSON', received: file, cause });
  });
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'not an object';
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a JSON object',
      received: `${file}: ${reason}`,
      cause,
    });
  }
}

/** The configuration with one value, given as JSON or else as text, in place of what it had. */
function withSetting(given: Given, setting: string): Given {
  const equals = setting.indexOf('=');
  if (equals < 1) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a setting such as decoder.cell=gru',
      received: setting,
    });
  }
  const key = setting.slice(0, equals);
  return withValue(given, key.split('.'), parseValue(key, setting.slice(equals + 1)));
}

function withValue(given: Given, [name = '', ...rest]: readonly string[], value: unknown): Given {
  if (rest.length === 0) return { ...given, [name]: value };
  const inner = Object.hasOwn(given, name) ? given[name] : undefined;
  return { ...given, [name]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

function parseValue(key: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A model may be called 2024 or true.
    const isText = configurationKeys().some((known) => known.key === key && known.kind === 'text');
    return isText && typeof value !== 'string' ? text : value;
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null;
}

function invalid(error: z.ZodError, given: unknown): LegendaError {
  const [issue] = error.issues as [z.core.$ZodIssue];
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const unknown = [...path, issue.keys[0] as string].join('.');
    return new LegendaError('CONFIGURATION_INVALID', {
      expected: 'a known key',
      received: unknown,
      advice: `did you mean ${nearestKey(unknown)}?`,
    });
  }
  const key = path.join('.');
  const allowed = configurationKeys().find((known) => known.key === key)?.allowed ?? issue.message;
  return new LegendaError('CONFIGURATION_INVALID', {
    expected: `${allowed} for ${key}`,
    received: shorten(
      path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), given),
    ),
  });
}

/** The known key that is spelt most like this one, or whose last part is. */
function nearestKey(unknown: string): string {
  const lastOf = (key: string) => key.split('.').at(-1) as string;
  const unlikeness = (key: string) => {
    const whole = distance(key, unknown);
    return Math.min(whole, distance(lastOf(key), lastOf(unknown)) + 0.5) + whole / 1000;
  };
  const known = configurationKeys().map(({ key }) => key);
  return known.reduce((best, key) => (unlikeness(key) < unlikeness(best) ? key : best));
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
