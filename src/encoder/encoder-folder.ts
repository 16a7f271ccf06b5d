import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkFormSchema } from '../bundle/network-metadata.js';
import { LegendaError } from '../errors.js';
import { readWeightsFile, writeWeightsFile } from '../weights-file.js';
import { writeFolderAtomically } from '../write-atomically.js';
import type { EncoderNetwork } from './network.js';

/** The list of layers; a folder is an encoder's if it has this file. */
export const ENCODER_FILE = 'encoder.json';
const WEIGHTS_FILE = 'encoder.safetensors';

/** Writes an encoder in its own form, as it also lies in a checkpoint: its list of layers, and its weights. */
export async function writeEncoderFolder(folder: string, network: EncoderNetwork): Promise<void> {
  const { weights, ...form } = network;
  await writeFolderAtomically(folder, async (sibling) => {
    await writeFile(join(sibling, ENCODER_FILE), `${JSON.stringify(form, null, 1)}\n`);
    await writeWeightsFile(join(sibling, WEIGHTS_FILE), weights);
  });
}

/** Reads an encoder from its own folder, or from a checkpoint. @throws `ENCODER_INVALID` naming the damaged file. */
export async function readEncoderFolder(folder: string): Promise<EncoderNetwork> {
  const form = await readForm(join(folder, ENCODER_FILE));
  const weights = await readWeightsFile(join(folder, WEIGHTS_FILE)).catch((cause: LegendaError) => {
    throw new LegendaError('ENCODER_INVALID', {
      expected: `whole weights beside ${ENCODER_FILE}`,
      received: cause.received ?? cause.message,
      cause,
    });
  });
  return { ...form, weights };
}

async function readForm(path: string): Promise<Omit<EncoderNetwork, 'weights'>> {
  try {
    return networkFormSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new LegendaError('ENCODER_INVALID', {
      expected: "an encoder's list of layers",
      received: `${path}, which is damaged`,
      cause,
    });
  }
}
