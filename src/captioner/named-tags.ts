import type { Bundle } from '../bundle/index.js';
import type { RequiredWord, SearchChoice } from '../search/index.js';
import { classToTagMatrix, formsOf, type TagMap } from '../tags/index.js';
import { UNKNOWN, type Vocabulary } from '../text/index.js';
import { ImageTags } from './image-tags.js';
import { type EncodedImages, logitsOf } from './onnx-encoder.js';

/** Each word doubles the captions under way; a caption has room for few. */
const MOST_NAMED = 2;
/** What a search takes. */
const MOST_REQUIRED = 4;

/**
 * What is required of each image's captions so that they name what the classifier surely sees (Anderson et al. 2017): for each
 * tag at least so probable, the likeliest two first, any form of its word. Words that may not be written are not required.
 * @param search whose own requirements and banned words stand. @returns for each image; none where there is no classifier.
 */
export function namedTags(
  encoded: EncodedImages,
  leastProbability: number,
  search: SearchChoice,
  { tags, vocabulary }: Pick<Bundle, 'tags' | 'vocabulary'>,
): RequiredWord[][] {
  const classes = encoded.classLogits?.dims[1] ?? 0;
  const map = writableTags(classes, tags, vocabulary);
  if (map === undefined || search.method !== 'beam') return [];
  const { banned = [], maximumLength = MOST_REQUIRED, required = [] } = search.options;
  const mayNot = new Set([UNKNOWN, ...banned]);
  const room = Math.min(MOST_REQUIRED, maximumLength) - (required[0]?.length ?? 0);
  return Array.from({ length: encoded.count }, (_, image) => {
    const words = new ImageTags(logitsOf(encoded, image), map).atLeast(leastProbability);
    return words
      .map((word) => [word, ...formsOf(word)].map((form) => vocabulary.numberOf(form)))
      .map((tokens) => ({ anyOf: [...new Set(tokens)].filter((token) => !mayNot.has(token)) }))
      .filter(({ anyOf }) => anyOf.length > 0)
      .slice(0, Math.max(0, Math.min(MOST_NAMED, room)));
  });
}

/** The words of the classes that the model can write: in place of one that it cannot, a broader one. */
function writableTags(classes: number, own: TagMap | undefined, vocabulary: Vocabulary): TagMap | undefined {
  if (own?.ofClass.length === classes) return own;
  if (classes !== 1000 && classes !== 1001) return undefined;
  return classToTagMatrix(classes, (word) => vocabulary.numberOf(word) !== UNKNOWN);
}
