import { CiderD, tokeniseForMetrics } from '../metrics/index.js';
import { END, type Vocabulary } from '../text/index.js';

/**
 * What a sampled caption is worth: its CIDEr-D against the training captions of its image, with the document frequencies
 * of all training images together, and nothing if it breaks off: without the end token, or at a word that no sentence
 * ends with. CIDEr-D hardly notices a last word too many, so that without this rule captions soon end in "on a".
 */
export class CaptionReward {
  private readonly scorer: CiderD;

  /** @param references the captions of each training image. @param endings words that no caption ends with. */
  constructor(
    references: readonly (readonly string[])[],
    private readonly vocabulary: Vocabulary,
    private readonly endings: ReadonlySet<string>,
  ) {
    this.scorer = new CiderD(references.map((captions) => captions.map((caption) => this.tokenise(caption))));
  }

  /** 0 to 10. @param image its index. @param tokens `[START, …, END]`. */
  of(image: number, tokens: readonly number[]): number {
    if (tokens.at(-1) !== END) return 0;
    const words = this.vocabulary.decode(tokens);
    if (this.endings.has(words.at(-1) ?? '')) return 0;
    return this.scorer.score(image, this.tokenise(this.vocabulary.sentence(tokens)));
  }

  private tokenise(caption: string): string[] {
    return tokeniseForMetrics(caption, this.vocabulary.writing.language);
  }
}
