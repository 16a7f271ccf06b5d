import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { decoderWeightShapes } from '../decoder/weight-shapes.js';
import type { EncoderNetwork } from '../encoder/network.js';
import type { Weights } from '../weights.js';
import { decoderWeightName } from './decoder-parts.js';
import { DECODER, ENCODER } from './graph-files.js';
import { type Bundle, broken } from './load-bundle.js';
import { NETWORK_KEY, restoreNetwork } from './network-metadata.js';
import { readStoredModel, type StoredModel } from './weight-storage.js';

/**
 * The bundle's weights in the forms that training uses, so that every bundle can be trained further. What was stored in
 * fp16 comes back as the nearest fp16 values.
 * @throws `BUNDLE_BROKEN` if a weight is missing or of another shape.
 */
export async function readBundleWeights(
  bundle: Bundle,
): Promise<{ encoder: EncoderNetwork; decoder: Weights }> {
  const encoderFile = await readModel(bundle, bundle.encoderPath);
  const decoderFile = await readModel(bundle, bundle.decoderPath);
  return {
    encoder: readNetwork(bundle, encoderFile),
    decoder: readDecoder(bundle, [decoderFile, encoderFile]),
  };
}

async function readModel(bundle: Bundle, path: string): Promise<StoredModel> {
  const bytes = await readFile(path);
  try {
    return readStoredModel(bytes);
  } catch (cause) {
    throw broken(bundle.directory, basename(path), { expected: 'an ONNX model', cause });
  }
}

function readNetwork({ directory }: Bundle, { metadata, weights }: StoredModel): EncoderNetwork {
  try {
    return restoreNetwork(metadata.get(NETWORK_KEY) ?? '', weights);
  } catch (cause) {
    throw broken(directory, ENCODER, { expected: 'the encoder in the form that Legenda writes', cause });
  }
}

/** Each of the decoder's weights stands in the graph that uses it; some in both, alike. */
function readDecoder(bundle: Bundle, files: readonly StoredModel[]): Weights {
  const { configuration, featureGrid } = bundle.manifest;
  const sizes = {
    gridCells: featureGrid.cells,
    channels: featureGrid.channels,
    vocabulary: bundle.vocabulary.size,
  };
  const weights: Weights = new Map();
  for (const [name, shape] of decoderWeightShapes(configuration.decoder, sizes)) {
    const stored = files.map((file) => file.weights.get(decoderWeightName(name))).find(Boolean);
    if (stored?.shape.join() !== shape.join()) {
      throw broken(bundle.directory, DECODER, {
        expected: `the weight ${name} with shape [${shape.join(', ')}]`,
        received: stored ? `[${stored.shape.join(', ')}]` : 'none',
      });
    }
    weights.set(name, stored);
  }
  return weights;
}
