import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LegendaError } from './errors.js';
import { sizeOf, type Weights } from './weights.js';

/** Values of a tensor as safetensors stores them. */
type TensorValues = Float32Array | Int32Array | Int8Array;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

const KINDS = { F32: Float32Array, I32: Int32Array, I8: Int8Array } as const;

const tensorSchema = z.object({
  dtype: z.enum(['F32', 'I32', 'I8']),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Tensors = Readonly<Record<string, z.infer<typeof tensorSchema>>>;

/** Under `__metadata__`, where the format has room for it, and whose absence it allows: of the tensors' JSON, then the values. */
const metadataSchema = z.object({ sha256: z.string().optional() });

/**
 * Weights in the safetensors format, which other tools read too: the header's length (8 bytes), a JSON header with each
 * tensor's type, shape and place, then the values. Beside the tensors stands a checksum.
 */
export async function writeWeightsFile(path: string, weights: Weights): Promise<void> {
  const file = await open(path, 'w');
  try {
    // Unlike write(), this goes on until all is written or the disk says why not.
    for (const part of safetensors(weights)) await file.appendFile(part);
  } finally {
    await file.close();
  }
}

/** @throws `CHECKPOINT_BROKEN` naming the file when it is missing or not as it was written. */
export async function readWeightsFile(path: string): Promise<Weights> {
  try {
    const weights: Weights = new Map();
    for (const [name, { shape, values }] of parseSafetensors(await readFile(path))) {
      if (!(values instanceof Float32Array)) throw new Error(`${name} is not of float32`);
      weights.set(name, { shape, values });
    }
    return weights;
  } catch (cause) {
    const received = `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new LegendaError('CHECKPOINT_BROKEN', { expected: 'a whole weights file', received, cause });
  }
}

/** The parts of a file in the safetensors format, one after the other. */
export function safetensors(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array[] {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = offset + values.byteLength;
    header[name] = { dtype: kindOf(values), shape, data_offsets: [offset, end] };
    offset = end;
  }
  const parts = [...tensors.values()].map(({ values }) => bytesOf(values));
  const hash = createHash('sha256').update(JSON.stringify(header));
  for (const part of parts) hash.update(part);
  const json = JSON.stringify({ __metadata__: { sha256: hash.digest('hex') }, ...header });
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length));
  start.write(json, 8);
  return [start, ...parts];
}

function kindOf(values: TensorValues): keyof typeof KINDS {
  if (values instanceof Float32Array) return 'F32';
  return values instanceof Int32Array ? 'I32' : 'I8';
}

function bytesOf(values: TensorValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The tensors of a file in the safetensors format. @throws an `Error` that says what is wrong with it. */
export function parseSafetensors(bytes: Buffer): Map<string, StoredTensor> {
  const start = 8 + (bytes.length < 8 ? 0 : Number(bytes.readBigUInt64LE(0)));
  if (start > bytes.length) throw new Error('it is cut short');
  const { tensors, sha256 } = parseHeader(bytes.toString('utf8', 8, start));
  const data = bytes.subarray(start);
  const end = Math.max(0, ...Object.values(tensors).map(({ data_offsets: [, to] }) => to));
  if (data.length !== end) throw new Error(`it holds ${data.length} bytes of values in place of ${end}`);
  const found = createHash('sha256').update(JSON.stringify(tensors)).update(data).digest('hex');
  if (sha256 !== undefined && sha256 !== found) throw new Error('its checksum differs');
  return new Map(Object.entries(tensors).map(([name, header]) => [name, tensorOf(name, header, data)]));
}

function tensorOf(name: string, { dtype, shape, data_offsets }: Tensors[string], data: Buffer): StoredTensor {
  const [from, to] = data_offsets;
  const kind = KINDS[dtype];
  // Before there is memory for it: a damaged header may claim any size.
  if (to - from !== sizeOf(shape) * kind.BYTES_PER_ELEMENT)
    throw new Error(`${name} has another size than its shape`);
  const values = new kind(sizeOf(shape));
  data.copy(bytesOf(values), 0, from, to);
  return { shape, values };
}

function parseHeader(json: string): { tensors: Tensors; sha256: string | undefined } {
  try {
    const { __metadata__: metadata = {}, ...tensors } = JSON.parse(json) as Record<string, unknown>;
    const { sha256 } = metadataSchema.parse(metadata);
    return { tensors: z.record(z.string(), tensorSchema).parse(tensors), sha256 };
  } catch (cause) {
    throw new Error('its header is damaged', { cause });
  }
}
