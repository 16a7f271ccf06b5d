/** The cells, side by side in every picture. */
export const CELLS = [
  { cell: 'simpleRnn', name: 'simple RNN' },
  { cell: 'lstm', name: 'LSTM' },
  { cell: 'gru', name: 'GRU' },
] as const;
