import { classCount } from '../bundle/index.js';
import type { EncoderNetwork } from '../encoder/network.js';
import { LegendaError } from '../errors.js';
import { classToTagMatrix, type TagMap } from '../tags/index.js';
import { UNKNOWN, type Vocabulary } from '../text/index.js';

/**
 * The words of the encoder's classes that the vocabulary has.
 * @throws `CONFIGURATION_INVALID` if the encoder does not tell ImageNet's classes apart.
 */
export function encoderTags(encoder: EncoderNetwork, vocabulary: Vocabulary): TagMap {
  const classes = classCount(encoder);
  if (classes !== 1000 && classes !== 1001) {
    throw new LegendaError('CONFIGURATION_INVALID', {
      expected: "an encoder with a classifier of ImageNet's 1,000 classes, for decoder.tags",
      received: `${encoder.name} with ${classes === 0 ? 'no classifier' : `${classes} classes`}`,
      advice: 'name the node of its class logits in encoder.classifier, or set decoder.tags to 0',
    });
  }
  return classToTagMatrix(classes, (word) => vocabulary.numberOf(word) !== UNKNOWN);
}
