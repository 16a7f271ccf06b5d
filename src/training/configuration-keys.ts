import { z } from 'zod';
import { trainingConfigurationSchema } from './configuration.js';

/** One key of the configuration, or a section of keys. */
export interface ConfigurationKey {
  /** As settings name it: `decoder.cell`. */
  readonly key: string;
  readonly kind: 'section' | 'text' | 'other';
  /** What is allowed, in words: `an integer from 1 to 4`. */
  readonly allowed: string;
  /** Undefined where nothing is set unless given. */
  readonly default: unknown;
  readonly unit: string;
  /** What it does, and the reason for the default. */
  readonly description: string;
}

/** What of a JSON Schema the configuration uses. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly unit?: string;
}

/** Every key and section in the order of the schema. */
export function configurationKeys(): ConfigurationKey[] {
  return keysOf(z.toJSONSchema(trainingConfigurationSchema, { io: 'input' }) as Schema, '');
}

function keysOf(schema: Schema, prefix: string): ConfigurationKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    const { description = '', unit = '' } = inner;
    const allowed = inWords(inner);
    if (inner.properties === undefined) {
      const kind = allowed.startsWith('text') ? 'text' : 'other';
      return [{ key, kind, allowed, default: inner.default, unit, description }];
    }
    const section: ConfigurationKey = { key, kind: 'section', allowed, default: {}, unit, description };
    return [section, ...keysOf(inner, `${key}.`)];
  });
}

function inWords(schema: Schema): string {
  const values = schema.enum ?? schema.anyOf?.map((choice) => choice.const);
  if (values !== undefined) return either(values.map((value) => JSON.stringify(value)));
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string') return schema.minLength === undefined ? 'text' : 'text that is not empty';
  if (schema.type === 'object') return 'an object of settings';
  return `${schema.type === 'integer' ? 'an integer' : 'a number'}${rangeInWords(schema)}`;
}

function rangeInWords({ minimum, maximum, exclusiveMinimum }: Schema): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${bounded ? ` up to ${maximum}` : ''}`;
  if (minimum === undefined) return bounded ? ` up to ${maximum}` : '';
  return bounded ? ` from ${minimum} to ${maximum}` : ` of at least ${minimum}`;
}

function either(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}
