/** The first entries of every vocabulary, in this order. */
export const PADDING = 0;
export const START = 1;
export const END = 2;
export const UNKNOWN = 3;
export const SPECIAL_TOKENS = ['<pad>', '<start>', '<end>', '<unk>'] as const;
