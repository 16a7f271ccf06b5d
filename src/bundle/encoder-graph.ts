import { type DecoderConfiguration, stateNames } from '../decoder/configuration.js';
import { type EncoderNetwork, PIXELS } from '../encoder/network.js';
import { sizeOf, type Weights } from '../weights.js';
import { type Arithmetic, byteConstants } from './arithmetic.js';
import { DecoderParts } from './decoder-parts.js';
import { activationName, writeLayers } from './encoder-layers.js';
import { type ActivationShape, featureGrid, layerShapes } from './layer-shapes.js';
import { describeNetwork, NETWORK_KEY } from './network-metadata.js';
import { OnnxGraph } from './onnx-graph.js';
import { byteScale } from './quantisation.js';
import { type TagTokens, writeTagCells } from './tag-cells.js';

/**
 * encoder.onnx: the network and what the decoder does once an image.
 *
 *     pixels uint8 [B, H, W, 3] -> memory [B, L, D], keys [B, L, A], h0 … [B, D], classLogits [B, classes]
 *
 * `keys` exists with additive attention only; with `attention: none`, `memory` is the grid's mean `[B, 1, D]`. The states
 * are those in which the decoder reads its first token. `classLogits` exists if the network has a classifier.
 */
export function writeEncoderGraph(
  network: EncoderNetwork,
  configuration: DecoderConfiguration,
  decoder: Weights,
  arithmetic: Arithmetic,
  tags?: TagTokens,
  exposing = false,
): Uint8Array {
  const graph = new OnnxGraph('encoder', exposing);
  const shapes = layerShapes(network);
  const { height, width } = network.input;
  const pixels = graph.input('pixels', 'uint8', ['B', height, width, 3]);
  const image = writeNormalisation(graph, network, pixels, arithmetic);
  const tensors = writeLayers({ graph, network, shapes, arithmetic }, image);

  const grid = writeGrid(
    graph,
    tensors.get(network.feature) as string,
    shapes.get(network.feature) as ActivationShape,
  );
  const parts = new DecoderParts(graph, configuration, decoder, arithmetic);
  if (network.classifier !== undefined) {
    graph.node('Flatten', [tensors.get(network.classifier) as string], { axis: 1 }, 'classLogits');
    graph.output('classLogits', ['B', sizeOf(shapes.get(network.classifier) as ActivationShape)]);
  }
  const tagCells = tags === undefined ? undefined : writeTagCells(parts, 'classLogits', tags);
  writeProjection(parts, grid, featureGrid(network, shapes).cells, pixels, tagCells);
  return graph.encode({ [NETWORK_KEY]: describeNetwork(network) });
}

/**
 * Transposed while a value is one byte, then (pixel − mean) / deviation: `[B, H, W, 3]` -> `[B, 3, H, W]`. In int8 the
 * pixels are the first layer's bytes as they are.
 */
function writeNormalisation(
  graph: OnnxGraph,
  { input }: EncoderNetwork,
  pixels: string,
  { calibration }: Arithmetic,
): string {
  const transposed = graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  const known = calibration?.get(activationName(PIXELS));
  if (known !== undefined) {
    return graph.node('DequantizeLinear', [transposed, ...byteConstants(graph, byteScale(known.range))]);
  }
  const values = graph.toFloat(transposed);
  const centred = graph.node('Sub', [values, graph.scalar(input.mean)]);
  return graph.node('Div', [centred, graph.scalar(input.deviation)]);
}

/** The feature grid with its cells merged: `[B, C, H, W]` or `[B, C]` -> `[B · L, C]`. */
function writeGrid(graph: OnnxGraph, feature: string, shape: ActivationShape): string {
  if (shape.length === 1) return feature;
  const transposed = graph.node('Transpose', [feature], { perm: [0, 2, 3, 1] });
  return graph.node('Reshape', [transposed, graph.integers([-1, shape.at(-1) as number])]);
}

/**
 * p_l = relu(W_p f_l + b_p), the attention's keys W_k p_l, and the first states.
 * @param grid `[B · L, C]`. @param tagCells `[B, N, D]`, which stand behind the grid's.
 */
function writeProjection(
  parts: DecoderParts,
  grid: string,
  cells: number,
  pixels: string,
  tagCells: string | undefined,
): void {
  const { graph, configuration } = parts;
  const { hidden, attentionUnits } = configuration;
  const attends = configuration.attention === 'additive';
  const projected = parts.relu(parts.affine(grid, 'projection.kernel', 'projection.bias'), 'memory');
  const shape = graph.integers([-1, cells, hidden]);
  const alone = attends && tagCells === undefined;
  const image = graph.node('Reshape', [projected, shape], {}, alone ? 'memory' : undefined);
  const mean = graph.node('ReduceMean', [image], { axes: [1], keepdims: 0 });
  const memoryCells = tagCells === undefined ? cells : cells + configuration.tags;
  if (attends) {
    const memory =
      tagCells === undefined ? image : graph.node('Concat', [image, tagCells], { axis: 1 }, 'memory');
    const rows = tagCells === undefined ? projected : parts.merge(memory, hidden);
    const products = parts.affine(rows, 'attention.keyKernel');
    graph.node('Reshape', [products, graph.integers([-1, memoryCells, attentionUnits])], {}, 'keys');
    graph.output('keys', ['B', memoryCells, attentionUnits]);
  } else {
    graph.node('Unsqueeze', [mean, graph.integers([1])], {}, 'memory');
  }
  graph.output('memory', ['B', attends ? memoryCells : 1, hidden]);
  writeStates(parts, mean, pixels);
}

/** The states `[B, D]` before the first token, by `inject`. */
function writeStates(parts: DecoderParts, mean: string, pixels: string): void {
  const { graph, configuration } = parts;
  const { hidden, inject } = configuration;
  const names = stateNames(configuration);
  for (const name of names) graph.output(name, ['B', hidden]);

  // s_0 = tanh(W_i mean_l(p_l) + b_i)
  if (inject === 'state') {
    const states = graph.node('Tanh', [parts.affine(mean, 'initialState.kernel', 'initialState.bias')]);
    graph.split(states, names.length, hidden, names);
    return;
  }

  const images = graph.node('Shape', [pixels], { start: 0, end: 1 });
  const shape = graph.node('Concat', [images, graph.integers([hidden])], { axis: 0 });
  const zero = (name?: string) => graph.node('ConstantOfShape', [shape], {}, name);
  if (inject === 'everyStep') {
    for (const name of names) zero(name);
    return;
  }

  // firstToken: the step from the zero state that reads x_0 = W mean_l(p_l) + b as its word, with nothing beside it
  const input = [parts.affine(mean, 'firstToken.kernel', 'firstToken.bias')];
  if (configuration.attention === 'additive') input.push(zero());
  const zeros = names.map(() => zero());
  const states = parts.stepCells(parts.join(input), zeros);
  for (const [index, name] of names.entries()) graph.node('Identity', [states[index] as string], {}, name);
}
