import type { CaptionGroup } from '../datasets/index.js';
import { tagsInCaption } from '../tags/index.js';
import type { TagMap } from '../tags/tag-map.js';
import type { Vocabulary } from '../text/index.js';
import { captionTokens } from './training-images.js';

/** Captions of one picture that is not here. */
export interface TextItem {
  /** As `TrainingImage` has them. */
  readonly captions: readonly (readonly number[])[];
  /** The tag words that they mention, by their numbers in the vocabulary. */
  readonly tags: readonly number[];
}

export function toTextItem(
  group: CaptionGroup,
  vocabulary: Vocabulary,
  maximumLength: number,
  tags: TagMap | undefined,
): TextItem {
  const captions = group.map((caption) => vocabulary.writing.tokenise(caption));
  const known = new Set(tags?.words);
  const mentioned = tags === undefined ? [] : captions.flatMap((words) => tagsInCaption(words));
  return {
    captions: captions.map((words) => captionTokens(words, vocabulary, maximumLength)),
    tags: [...new Set(mentioned)].filter((word) => known.has(word)).map((word) => vocabulary.numberOf(word)),
  };
}
