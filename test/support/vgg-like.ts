import type { EncoderNetwork } from '../../src/encoder/network.js';
import { GraphModelBuilder, WINDOW } from './graph-model.js';

/** Values of the fully connected layer that is the feature. */
export const VGG_LIKE_CHANNELS = 24;

const BLOCKS = [
  [3, 6],
  [6, 8],
] as const;

/**
 * The form of VGG (Simonyan and Zisserman 2014) in small, with random weights: blocks of two convolutions 3x3 and a
 * maximum, then fully connected layers, of which the first is the feature: no grid, one vector a picture.
 */
export function writeVggLike(graph: GraphModelBuilder): { feature: string; classifier: string } {
  let last = 'image';
  for (const [index, [inputs, outputs]] of BLOCKS.entries()) {
    for (const [part, channels] of [inputs, outputs].entries()) {
      const name = `block${index + 1}/convolution${part + 1}`;
      const parts = [
        graph.weight(`${name}/kernel`, [3, 3, channels, outputs]),
        graph.weight(`${name}/bias`, [outputs]),
      ];
      const fused = { ...WINDOW, fused_ops: ['BiasAdd', 'Relu'] };
      last = graph.node(name, '_FusedConv2D', [last, ...parts], fused);
    }
    const window = { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: 'VALID' };
    last = graph.node(`block${index + 1}/pool`, 'MaxPool', [last], window);
  }
  const flat = graph.node('flatten', 'Reshape', [last, graph.integers('flatten/shape', [-1, 512])]);
  const hidden = [
    graph.weight('fc1/kernel', [512, VGG_LIKE_CHANNELS]),
    graph.weight('fc1/bias', [VGG_LIKE_CHANNELS]),
  ];
  const feature = graph.node('fc1', '_FusedMatMul', [flat, ...hidden], { fused_ops: ['BiasAdd', 'Relu'] });
  const classes = [graph.weight('fc2/kernel', [VGG_LIKE_CHANNELS, 5]), graph.weight('fc2/bias', [5])];
  const classifier = graph.node('fc2', '_FusedMatMul', [feature, ...classes], { fused_ops: ['BiasAdd'] });
  return { feature, classifier };
}

/** The same, imported; 32x32 pixels. */
export function vggLikeNetwork(): EncoderNetwork {
  const graph = new GraphModelBuilder();
  const { feature, classifier } = writeVggLike(graph);
  const input = { height: 32, width: 32, mean: 127.5, deviation: 64 };
  return graph.imported(feature, { input, classifier });
}
