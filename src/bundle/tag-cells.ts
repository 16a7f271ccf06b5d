import type { TagMap } from '../tags/tag-map.js';
import type { Vocabulary } from '../text/index.js';
import type { DecoderParts } from './decoder-parts.js';

/** The words of an encoder's classes by their numbers in the vocabulary. */
export interface TagTokens {
  readonly ofClass: Int32Array;
  readonly tokens: readonly number[];
}

export function tagTokens({ words, ofClass }: TagMap, vocabulary: Vocabulary): TagTokens {
  return { ofClass, tokens: words.map((word) => vocabulary.numberOf(word)) };
}

/**
 * The cells of an image's likeliest words, `[B, N, D]`: t_n = relu(embed(w_n) W_t + p_n u + b_t), see `decoder/tags.ts`.
 * @param classLogits `[B, classes]`.
 */
export function writeTagCells(parts: DecoderParts, classLogits: string, tags: TagTokens): string {
  const { graph, configuration } = parts;
  const words = tags.tokens.length;
  // A class without a word has the index behind the last: its row is zero. ONNX Runtime computes this when it loads.
  const ofClass = [...tags.ofClass].map((word) => (word < 0 ? words : word));
  const wordOfClass = graph.node('OneHot', [
    graph.integers(ofClass, 'tags/ofClass'),
    graph.integers([words]),
    graph.floats([0, 1], 'tags/offAndOn'),
  ]);
  const probabilities = graph.node('MatMul', [
    graph.node('Softmax', [classLogits], { axis: -1 }),
    wordOfClass,
  ]);
  const [likeliest, indices] = graph.topK(probabilities, configuration.tags);

  // relu(embed(w) W_t + b_t + p u); the product of all words is also computed when the graph is loaded.
  const embedded = parts.rowsOf('embedding', tags.tokens, 'tags/embedding');
  const table = graph.node('Gemm', [embedded, parts.weight('tags.kernel'), parts.weight('tags.bias')]);
  const ofWords = graph.node('Gather', [table, indices], { axis: 0 });
  const column = graph.node('Unsqueeze', [likeliest, graph.integers([2])]);
  const ofProbabilities = graph.node('Mul', [column, parts.weight('tags.probability')]);
  return graph.node('Relu', [graph.node('Add', [ofWords, ofProbabilities])]);
}
