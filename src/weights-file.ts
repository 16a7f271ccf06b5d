import { open, readFile } from 'node:fs/promises';
import { LegendaError } from './errors.js';
import { sizeOf, type Weights } from './weights.js';

/**
 * Weights in the safetensors format, which other tools read too: the header's length (8 bytes), a JSON header with each
 * tensor's type, shape and place, then the values.
 */
export async function writeWeightsFile(path: string, weights: Weights): Promise<void> {
  const header: Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }> =
    {};
  let offset = 0;
  for (const [name, { shape, values }] of weights) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  try {
    await file.writev([length, text]);
    for (const { values } of weights.values()) {
      await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws `CHECKPOINT_BROKEN` naming the file when it is not as it was written. */
export async function readWeightsFile(path: string): Promise<Weights> {
  return parse(await readFile(path), path);
}

function parse(bytes: Buffer, path: string): Weights {
  try {
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
      string,
      { shape: number[]; data_offsets: [number, number] }
    >;
    const weights: Weights = new Map();
    for (const [
      name,
      {
        shape,
        data_offsets: [from, to],
      },
    ] of Object.entries(header)) {
      const values = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to),
      );
      if (values.length !== sizeOf(shape)) throw new Error(`${name} is cut short`);
      weights.set(name, { shape, values });
    }
    return weights;
  } catch (cause) {
    const received = `${path}${cause instanceof Error ? `: ${cause.message}` : ''}`;
    throw new LegendaError('CHECKPOINT_BROKEN', { expected: 'a complete weights file', received, cause });
  }
}
