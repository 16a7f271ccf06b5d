import { type DecoderConfiguration, type DecoderSizes, GATES, stateNames } from './configuration.js';

/**
 * The decoder's weights by name with their shapes, in the order in which they are stored.
 *
 * With D hidden units, E embedding, A attention units, C channels, V words, G gates, S state tensors:
 *
 *     projection.kernel [C, D]      projection.bias [D]         p = relu(f W_p + b_p)
 *     initialState.kernel [D, S D]  initialState.bias [S D]     s_0 = tanh(mean(p) W_i + b_i), split as stateNames()
 *     embedding [V, E]
 *     tags.kernel [E, D]  tags.probability [D]  tags.bias [D]   t = relu(embed(w) W_t + p u + b_t)
 *     firstToken.kernel [D, E]      firstToken.bias [E]         with inject firstToken: x_0 = mean(p) W + b
 *     attention.keyKernel [D, A]    attention.queryKernel [D, A]  attention.score [A]
 *     cell0.kernel [X, G D]         cell0.recurrentKernel [D, G D]  cell0.bias [G D]
 *     output.kernel [Y, E]          output.bias [E]
 *     words.kernel [E, V]           without tieEmbedding        words.bias [V]
 *
 * X = E, plus D for the attended context or, without attention and with inject everyStep, the mean; for a higher layer
 * D. The attention's query is the top layer's h_{t−1}; the output reads the top layer's h_t.
 * Y = D, plus D with attention. `initialState` exists with inject state only; otherwise s_0 = 0.
 * A GRU has a second bias `cell0.recurrentBias [D]` for its candidate: n = tanh(x W_n + b_n + r ⊙ (h U_n + b_hn)).
 */
export function decoderWeightShapes(
  configuration: DecoderConfiguration,
  sizes: DecoderSizes,
): Map<string, readonly number[]> {
  const { hidden, embedding, attentionUnits, cell, layers } = configuration;
  const attends = configuration.attention === 'additive';
  const gates = GATES[cell] * hidden;
  const shapes = new Map<string, readonly number[]>();
  shapes.set('projection.kernel', [sizes.channels, hidden]);
  shapes.set('projection.bias', [hidden]);
  if (configuration.inject === 'state') {
    const states = stateNames(configuration).length * hidden;
    shapes.set('initialState.kernel', [hidden, states]);
    shapes.set('initialState.bias', [states]);
  }
  shapes.set('embedding', [sizes.vocabulary, embedding]);
  if (configuration.inject === 'firstToken') {
    shapes.set('firstToken.kernel', [hidden, embedding]);
    shapes.set('firstToken.bias', [embedding]);
  }
  if (configuration.tags > 0) {
    shapes.set('tags.kernel', [embedding, hidden]);
    shapes.set('tags.probability', [hidden]);
    shapes.set('tags.bias', [hidden]);
  }
  if (attends) {
    shapes.set('attention.keyKernel', [hidden, attentionUnits]);
    shapes.set('attention.queryKernel', [hidden, attentionUnits]);
    shapes.set('attention.score', [attentionUnits]);
  }
  for (let layer = 0; layer < layers; layer++) {
    const input = layer === 0 ? firstCellInput(configuration) : hidden;
    shapes.set(`cell${layer}.kernel`, [input, gates]);
    shapes.set(`cell${layer}.recurrentKernel`, [hidden, gates]);
    shapes.set(`cell${layer}.bias`, [gates]);
    if (cell === 'gru') shapes.set(`cell${layer}.recurrentBias`, [hidden]);
  }
  shapes.set('output.kernel', [attends ? 2 * hidden : hidden, embedding]);
  shapes.set('output.bias', [embedding]);
  if (!configuration.tieEmbedding) shapes.set('words.kernel', [embedding, sizes.vocabulary]);
  shapes.set('words.bias', [sizes.vocabulary]);
  return shapes;
}

/** Width of what the first cell reads: the word, and beside it the attended context or the image's mean. */
function firstCellInput(configuration: DecoderConfiguration): number {
  const beside = configuration.attention === 'additive' || configuration.inject === 'everyStep';
  return configuration.embedding + (beside ? configuration.hidden : 0);
}
