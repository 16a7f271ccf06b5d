import { layerShapes } from '../bundle/layer-shapes.js';
import type { EncoderNetwork } from './network.js';
import { layersFor } from './run.js';

/**
 * The network for pictures of another size. A classifier that is made for one size, with pooling over so many cells, is left
 * out.
 * @param size height and width, pixels.
 */
export function resized(network: EncoderNetwork, size: number): EncoderNetwork {
  const input = { ...network.input, height: size, width: size };
  const larger = { ...network, input };
  if (network.classifier === undefined || classesOf(larger) === classesOf(network)) return larger;
  const { classifier: _, ...rest } = larger;
  return { ...rest, layers: layersFor(network, [network.feature]) };
}

/** How many logits the classifier gives; undefined if it does not fit its feature. */
function classesOf(network: EncoderNetwork): number | undefined {
  try {
    return layerShapes(network)
      .get(network.classifier ?? '')
      ?.at(-1);
  } catch {
    return undefined;
  }
}
