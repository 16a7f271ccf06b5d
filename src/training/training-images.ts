import type { Example } from '../datasets/index.js';
import type { Vocabulary } from '../text/index.js';

/** An image to train on. */
export interface TrainingImage {
  /** Path. */
  readonly image: string;
  /** Each `[START, …, END]`, or without END where it was cut at the maximum length. */
  readonly captions: readonly (readonly number[])[];
  /** False where a caption says left or right: its mirror image would make that untrue. */
  readonly mirrorable: boolean;
}

/** Captions as numbers. @param maximumLength words of a caption that are kept, at most. */
export function toTrainingImage(
  example: Example,
  vocabulary: Vocabulary,
  maximumLength: number,
): TrainingImage {
  const { writing } = vocabulary;
  const captions = example.captions.map((caption) => writing.tokenise(caption));
  return {
    image: example.image,
    captions: captions.map((words) => captionTokens(words, vocabulary, maximumLength)),
    mirrorable: !example.captions.some((caption) => writing.tellsSides(caption)),
  };
}

/** `[START, …, END]`, or without END where words were cut away. */
export function captionTokens(
  words: readonly string[],
  vocabulary: Vocabulary,
  maximumLength: number,
): readonly number[] {
  const tokens = vocabulary.encode(words);
  // What is cut away takes the end token with it: the caption does not end there.
  return words.length > maximumLength ? tokens.slice(0, maximumLength + 1) : tokens;
}
