import type { Example } from '../datasets/index.js';
import { tokenise, type Vocabulary } from '../text/index.js';

/** An image to train on. */
export interface TrainingImage {
  /** Path. */
  readonly image: string;
  /** Each `[START, …, END]`, or without END where it was cut at the maximum length. */
  readonly captions: readonly (readonly number[])[];
  /** False where a caption says left or right: its mirror image would make that untrue. */
  readonly mirrorable: boolean;
}

const SIDES = new Set(['left', 'right']);

/** Captions as numbers. @param maximumLength words of a caption that are kept. */
export function toTrainingImage(
  example: Example,
  vocabulary: Vocabulary,
  maximumLength: number,
): TrainingImage {
  const captions = example.captions.map(tokenise);
  return {
    image: example.image,
    // Start token, words, end token: what is cut away takes the end token with it.
    captions: captions.map((words) => vocabulary.encode(words).slice(0, maximumLength + 2)),
    mirrorable: !captions.some((words) => words.some((word) => SIDES.has(word))),
  };
}
