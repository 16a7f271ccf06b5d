import { LegendaError } from '../errors.js';
import { type BleuScores, bleu } from './bleu.js';
import { CiderD } from './cider-d.js';
import { meteor } from './meteor.js';
import { rougeL } from './rouge-l.js';
import { tokeniseForMetrics } from './tokenise-for-metrics.js';

export interface CaptionToEvaluate {
  readonly id: string;
  /** As the model wrote it. */
  readonly candidate: string;
  /** As people wrote them; at least one. */
  readonly references: readonly string[];
}

export interface ImageMetrics {
  readonly id: string;
  /** 0 to 10. */
  readonly ciderD: number;
  /** 0 to 1. */
  readonly rougeL: number;
  /** 0 to 1; see `meteorVariant`. */
  readonly meteor: number;
}

export interface CaptionMetrics {
  /** BLEU-1 to BLEU-4 of all captions together, 0 to 1. */
  readonly bleu: BleuScores;
  /** Mean over the images, 0 to 1. */
  readonly rougeL: number;
  /** Of all captions together, 0 to 1; see `meteorVariant`. */
  readonly meteor: number;
  /** Mean over the images, 0 to 10. */
  readonly ciderD: number;
  readonly images: number;
  /** Candidates that differ in more than capitals and punctuation. */
  readonly distinctCaptions: number;
  /** In the order of the items. */
  readonly perImage: readonly ImageMetrics[];
}

/**
 * The COCO caption evaluation of one candidate for each image; CIDEr-D's document frequencies are those of these images.
 *
 * @param language of the captions, BCP 47: it says how they are taken apart into words.
 * @throws `NO_IMAGES` without items, `DATASET_BROKEN` for an image without references.
 */
export function evaluateCaptions(items: readonly CaptionToEvaluate[], language?: string): CaptionMetrics {
  const tokenise = (caption: string) => tokeniseForMetrics(caption, language);
  if (items.length === 0) throw new LegendaError('NO_IMAGES', { expected: 'at least one image to evaluate' });
  const tokenised = items.map(({ id, candidate, references }) => {
    if (references.length === 0) {
      throw new LegendaError('DATASET_BROKEN', {
        expected: 'at least one reference caption for each image',
        received: `${id} without any`,
        advice: 'leave the image out of the evaluation or add captions',
      });
    }
    return { id, candidate: tokenise(candidate), references: references.map(tokenise) };
  });
  const cider = new CiderD(tokenised.map(({ references }) => references));
  const meteors = meteor(tokenised, language);
  const perImage = tokenised.map((item, index) => ({
    id: item.id,
    ciderD: cider.score(index, item.candidate),
    rougeL: rougeL(item),
    meteor: meteors.perImage[index]!,
  }));
  return {
    bleu: bleu(tokenised),
    rougeL: mean(perImage.map((image) => image.rougeL)),
    meteor: meteors.all,
    ciderD: mean(perImage.map((image) => image.ciderD)),
    images: items.length,
    distinctCaptions: new Set(tokenised.map(({ candidate }) => candidate.join(' '))).size,
    perImage,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
