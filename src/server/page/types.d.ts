import type { Caption, CaptionRow, CaptionWord, View } from '../../captioner/index.js';

export type { Caption, CaptionRow, View };
export type Word = CaptionWord;

/** A model as `GET /v1/models` tells of it. */
export interface Model {
  name: string;
  view: View;
}
