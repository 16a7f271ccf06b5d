import { type DecoderConfiguration, type DecoderSizes, stateNames } from '../decoder/configuration.js';
import type { Weights } from '../weights.js';
import { DecoderParts } from './decoder-parts.js';
import { OnnxGraph } from './onnx-graph.js';
import type { Precision } from './weight-storage.js';

/**
 * decoder.onnx: one step of B images with K captions each under way.
 *
 *     tokens int32 [B, K], h0 … [B, K, D], memory [B, L, D], keys [B, L, A]
 *     -> logProbabilities [B, K, V], next_h0 … [B, K, D], attention [B, K, L]
 *
 * `keys` and `attention` exist with additive attention only, `memory` where the step reads it: not with
 * `attention: none` unless `inject: everyStep`.
 */
export function writeDecoderGraph(
  configuration: DecoderConfiguration,
  sizes: DecoderSizes,
  weights: Weights,
  precision: Precision,
): Uint8Array {
  const graph = new OnnxGraph('decoder');
  const parts = new DecoderParts(graph, configuration, weights, precision);
  const { hidden, attentionUnits } = configuration;
  const attends = configuration.attention === 'additive';
  const cells = attends ? sizes.gridCells : 1;

  const tokens = graph.input('tokens', 'int32', ['B', 'K']);
  const states = stateNames(configuration).map((name) => {
    return parts.merge(graph.input(name, 'float', ['B', 'K', hidden]), hidden);
  });
  const readMemory = () => graph.input('memory', 'float', ['B', cells, hidden]);

  const captions = graph.node('Shape', [tokens]);
  const flatTokens = graph.node('Reshape', [tokens, graph.integers([-1])]);
  const embedded = graph.node('Gather', [parts.weight('embedding'), flatTokens], { axis: 0 });

  // x = [embed(y), context], or with everyStep [embed(y), mean]
  const beside: string[] = [];
  const contexts: string[] = [];
  if (attends) {
    const keys = graph.input('keys', 'float', ['B', cells, attentionUnits]);
    const top = parts.topHidden(states);
    const { attention, context } = parts.attend(top, readMemory(), keys, captions, 'attention');
    graph.output(attention, ['B', 'K', cells]);
    beside.push(context);
    contexts.push(context);
  } else if (configuration.inject === 'everyStep') {
    const shape = graph.node('Concat', [captions, graph.integers([hidden])], { axis: 0 });
    beside.push(parts.merge(graph.node('Expand', [readMemory(), shape]), hidden));
  }
  const next = parts.stepCells(parts.join([embedded, ...beside]), states);
  stateNames(configuration).forEach((name, index) => {
    parts.unmerge(next[index] as string, captions, hidden, `next_${name}`);
    graph.output(`next_${name}`, ['B', 'K', hidden]);
  });

  // logit = embed · tanh(W_o [h, context] + b_o) + b
  const read = parts.affine(parts.join([parts.topHidden(next), ...contexts]), 'output.kernel', 'output.bias');
  const written = graph.node('Tanh', [read]);
  const logits = configuration.tieEmbedding
    ? graph.node('Gemm', [written, parts.weight('embedding'), parts.weight('words.bias')], { transB: 1 })
    : parts.affine(written, 'words.kernel', 'words.bias');
  const logProbabilities = graph.node('LogSoftmax', [logits], { axis: -1 });
  parts.unmerge(logProbabilities, captions, sizes.vocabulary, 'logProbabilities');
  graph.output('logProbabilities', ['B', 'K', sizes.vocabulary]);
  return graph.encode();
}
