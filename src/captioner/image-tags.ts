import { classToTagMatrix, type TagMap, tagLabel, tagsInCaption } from '../tags/index.js';
import { classProbabilities } from './class-probabilities.js';

/** Something that the classifier sees. */
export interface Tag {
  /** In plain words, such as `dog` or `ice cream`. */
  readonly label: string;
  /** 0…1: the sum of its classes' probabilities. */
  readonly probability: number;
}

/** Less probable ones are wrong more often than not. */
const LEAST_PROBABILITY = 0.2;
const MOST_TAGS = 5;

/** What a classifier sees in an image, in plain words. */
export class ImageTags {
  private readonly probabilities: ReadonlyMap<string, number>;

  /** @param logits `[classes]`. @param map of as many classes. */
  constructor(logits: Float32Array, map: TagMap) {
    const probabilities = new Map<string, number>();
    for (const [index, probability] of classProbabilities(logits).entries()) {
      const word = map.words[map.ofClass[index] ?? -1];
      if (word !== undefined) probabilities.set(word, (probabilities.get(word) ?? 0) + probability);
    }
    this.probabilities = probabilities;
  }

  /** Those to tell of, the most probable first. */
  list(): Tag[] {
    return [...this.probabilities]
      .filter(([, probability]) => probability >= LEAST_PROBABILITY)
      .map(([word, probability]) => ({ label: tagLabel(word), probability }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, MOST_TAGS);
  }

  /** The words at least so probable, the most probable first. */
  atLeast(probability: number): string[] {
    const found = [...this.probabilities].filter(([, of]) => of >= probability);
    return found.sort(([, a], [, b]) => b - a).map(([label]) => label);
  }

  /** The most probable, as the decoder is given them. */
  likeliest(count: number): string[] {
    const ranked = [...this.probabilities].sort(([, a], [, b]) => b - a);
    return ranked.slice(0, count).map(([label]) => label);
  }

  /** How probable the tags that a caption names are, together, 0…1. */
  probabilityNamed(caption: readonly string[]): number {
    return tagsInCaption(caption).reduce((sum, tag) => sum + (this.probabilities.get(tag) ?? 0), 0);
  }
}

/**
 * The words of a classifier's classes. The model's own are only those it can write; of ImageNet's classes all have one here.
 * @param classes how many it tells apart. @param own the model's, if it has any. @returns none for classes that are not known.
 */
export function tagLabels(classes: number, own: TagMap | undefined): TagMap | undefined {
  if (classes === 1000 || classes === 1001) return classToTagMatrix(classes, () => true);
  return own?.ofClass.length === classes ? own : undefined;
}
