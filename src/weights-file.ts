import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LegendaError } from './errors.js';
import { sizeOf, type Weights } from './weights.js';

const BYTES = Float32Array.BYTES_PER_ELEMENT;

const tensorSchema = z.object({
  dtype: z.literal('F32'),
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
  const tensors: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { shape, values }] of weights) {
    tensors[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const hash = createHash('sha256').update(JSON.stringify(tensors));
  for (const { values } of weights.values()) hash.update(values);
  const json = JSON.stringify({ __metadata__: { sha256: hash.digest('hex') }, ...tensors });
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length));
  start.write(json, 8);
  const file = await open(path, 'w');
  try {
    // Unlike write(), this goes on until all is written or the disk says why not.
    await file.appendFile(start);
    for (const { values } of weights.values()) await file.appendFile(bytesOf(values));
  } finally {
    await file.close();
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** @throws `CHECKPOINT_BROKEN` naming the file when it is missing or not as it was written. */
export async function readWeightsFile(path: string): Promise<Weights> {
  try {
    return parse(await readFile(path));
  } catch (cause) {
    const received = `${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new LegendaError('CHECKPOINT_BROKEN', { expected: 'a whole weights file', received, cause });
  }
}

function parse(bytes: Buffer): Weights {
  const start = 8 + (bytes.length < 8 ? 0 : Number(bytes.readBigUInt64LE(0)));
  if (start > bytes.length) throw new Error('it is cut short');
  const { tensors, sha256 } = parseHeader(bytes.toString('utf8', 8, start));
  const data = bytes.subarray(start);
  const end = Math.max(0, ...Object.values(tensors).map(({ data_offsets: [, to] }) => to));
  if (data.length !== end) throw new Error(`it holds ${data.length} bytes of values in place of ${end}`);
  const found = createHash('sha256').update(JSON.stringify(tensors)).update(data).digest('hex');
  if (sha256 !== undefined && sha256 !== found) throw new Error('its checksum differs');
  const weights: Weights = new Map();
  for (const [name, { shape, data_offsets }] of Object.entries(tensors)) {
    const [from, to] = data_offsets;
    if (to - from !== sizeOf(shape) * BYTES) throw new Error(`${name} has another size than its shape`);
    const values = new Float32Array(sizeOf(shape));
    data.copy(new Uint8Array(values.buffer), 0, from, to);
    weights.set(name, { shape, values });
  }
  return weights;
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
