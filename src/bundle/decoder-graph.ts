import { type DecoderConfiguration, type DecoderSizes, stateNames } from '../decoder/configuration.js';
import type { Weights } from '../weights.js';
import type { Arithmetic } from './arithmetic.js';
import { DecoderParts } from './decoder-parts.js';
import { OnnxGraph } from './onnx-graph.js';

/**
 * A beam of 3 looks at about eight words, and a preference at 16 (src/search/preference.ts); a step that must look at more reads
 * every word's log-probability.
 */
const LIKELIEST = 16;

/**
 * decoder.onnx: one step of B images with K captions each under way.
 *
 *     tokens int32 [B, K], h0 … [B, K, D], memory [B, L, D], keys [B, L, A]
 *     -> logProbabilities [R, V], likeliest [R, N], words int32 [R, N], next_h0 … [B, K, D], attention [B, K, L]
 *
 * R = B · K. L is the grid's cells and behind them the tags'. `words` are each row's N likeliest, best first, `likeliest`
 * their log-probabilities.
 *
 * `keys` and `attention` exist with additive attention only, `memory` where the step reads it: not with
 * `attention: none` unless `inject: everyStep`.
 */
export function writeDecoderGraph(
  configuration: DecoderConfiguration,
  sizes: DecoderSizes,
  weights: Weights,
  arithmetic: Arithmetic,
  exposing = false,
): Uint8Array {
  const graph = new OnnxGraph('decoder', exposing);
  const parts = new DecoderParts(graph, configuration, weights, arithmetic);
  const { hidden } = configuration;

  const tokens = graph.input('tokens', 'int32', ['B', 'K']);
  const states = stateNames(configuration).map((name) => {
    return parts.merge(graph.input(name, 'float', ['B', 'K', hidden]), hidden);
  });

  const captions = graph.node('Shape', [tokens]);
  const flatTokens = graph.node('Reshape', [tokens, graph.integers([-1])]);
  const embedded = parts.embed(flatTokens);

  // x = [embed(y), context], or with everyStep [embed(y), mean]
  const beside: string[] = [];
  const contexts: string[] = [];
  if (configuration.attention === 'additive') {
    const context = attend(parts, parts.topHidden(states), captions, sizes.gridCells + configuration.tags);
    beside.push(context);
    contexts.push(context);
  } else if (configuration.inject === 'everyStep') {
    const mean = graph.input('memory', 'float', ['B', 1, hidden]);
    const shape = graph.node('Concat', [captions, graph.integers([hidden])], { axis: 0 });
    beside.push(parts.merge(graph.node('Expand', [mean, shape]), hidden));
  }
  const next = parts.stepCells(parts.join([embedded, ...beside]), states);
  stateNames(configuration).forEach((name, index) => {
    parts.unmerge(next[index] as string, captions, hidden, `next_${name}`);
    graph.output(`next_${name}`, ['B', 'K', hidden]);
  });

  // logit = embed · tanh(W_o [h, context] + b_o) + b
  const read = parts.affine(parts.join([parts.topHidden(next), ...contexts]), 'output.kernel', 'output.bias');
  const written = graph.node('Tanh', [read]);
  graph.node('LogSoftmax', [parts.wordLogits(written)], { axis: -1 }, 'logProbabilities');
  graph.output('logProbabilities', ['R', sizes.vocabulary]);
  const count = Math.min(LIKELIEST, sizes.vocabulary);
  const [likeliest, indices] = graph.topK('logProbabilities', count, 'likeliest');
  graph.output(likeliest, ['R', count]);
  graph.output(graph.toInteger(indices, 'words'), ['R', count], 'int32');
  return graph.encode();
}

/**
 * Additive attention (Bahdanau et al. 2015): a = softmax_l(v · tanh(W_k p_l + W_q h)), context = Σ_l a_l p_l.
 * @param hidden h `[R, D]`. @param captions name of the shape `[B, K]`. @returns the context `[R, D]`.
 */
function attend(parts: DecoderParts, hidden: string, captions: string, cells: number): string {
  const { graph, configuration } = parts;
  const units = configuration.attentionUnits;
  const memory = graph.input('memory', 'float', ['B', cells, configuration.hidden]);
  const keys = graph.input('keys', 'float', ['B', cells, units]);
  const query = parts.affine(hidden, 'attention.queryKernel');
  const queries = graph.node('Unsqueeze', [parts.unmerge(query, captions, units), graph.integers([2])]);
  const sums = graph.node('Add', [graph.node('Unsqueeze', [keys, graph.integers([1])]), queries]);
  // v stands on the left: on the right, ONNX Runtime would pad it to sixteen columns and compute them all.
  const energies = parts.merge(graph.node('Tanh', [sums]), units);
  const score = graph.node('Reshape', [parts.weight('attention.score'), graph.integers([1, units])]);
  const scores = parts.unmerge(graph.node('Gemm', [score, energies], { transB: 1 }), captions, cells);
  const attention = graph.node('Softmax', [scores], { axis: -1 }, 'attention');
  graph.output(attention, ['B', 'K', cells]);
  return parts.merge(graph.node('MatMul', [attention, memory]), configuration.hidden);
}
