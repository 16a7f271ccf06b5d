import { classCount } from '../bundle/index.js';
import type { EncoderNetwork } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { classToTagMatrix, type TagMap } from '../tags/index.js';
import { UNKNOWN, type Vocabulary } from '../text/index.js';

/**
 * The words of the encoder's classes that the vocabulary has.
 * @param count of those that are given to the decoder.
 * @throws `CONFIGURATION_INVALID` if the encoder does not tell ImageNet's classes apart, or fewer than `count` words are known.
 */
export function encoderTags(encoder: EncoderNetwork, vocabulary: Vocabulary, count: number): TagMap {
  const classes = classCount(encoder);
  if (classes !== 1000 && classes !== 1001) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: "an encoder with a classifier of ImageNet's 1,000 classes, for decoder.tags",
      received: `${encoder.name} with ${classes === 0 ? 'no classifier' : `${classes} classes`}`,
      advice:
        'take an encoder of that kind at the size that it is made for (of a GraphModel, name the node of its class logits in ' +
        'encoder.classifier), or set decoder.tags to 0',
    });
  }
  const tags = classToTagMatrix(classes, (word) => vocabulary.numberOf(word) !== UNKNOWN);
  if (tags.words.length >= count) return tags;
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: `captions with the words of at least ${count} classes, for decoder.tags`,
    received: `those of ${tags.words.length}: ${tags.words.join(', ') || 'none'}`,
    advice: `set decoder.tags to ${tags.words.length} or less, or vocabulary.minimumCount lower`,
  });
}
