import type { Example } from '../datasets/index.js';
import { type CaptionMetrics, captionKey, countWordsUsed, evaluateCaptions } from '../metrics/index.js';
import { type CaptionedRow, type CaptionRow, isCaptioned } from './caption-row.js';
import type { Captioner } from './captioner.js';
import type { CaptionOptions } from './options.js';

export interface Evaluation {
  readonly metrics: CaptionMetrics;
  /** Different words in all captions together. */
  readonly wordsUsed: number;
  /** Mean words of a caption. */
  readonly meanLength: number;
  /** Share of captions that a person wrote for the same image, word for word; capitals and punctuation do not count. */
  readonly exactMatches: number;
  /** Images that could not be captioned; they are in no figure. */
  readonly failed: number;
}

/**
 * Captions examples and scores the captions by the COCO evaluation against the examples' own.
 * @param onRow is told each row as it comes, in the order of the examples.
 * @throws `NO_IMAGES` when none could be captioned.
 */
export async function evaluateCaptioner(
  captioner: Captioner,
  examples: readonly Example[],
  options: CaptionOptions = {},
  onRow: (row: CaptionRow, example: Example) => void = () => {},
): Promise<Evaluation> {
  const captioned: { row: CaptionedRow; example: Example }[] = [];
  let index = 0;
  for await (const row of captioner.captionAll(paths(examples), options)) {
    const example = examples[index++] as Example;
    onRow(row, example);
    if (isCaptioned(row)) captioned.push({ row, example });
  }
  const { language } = captioner;
  const metrics = evaluateCaptions(
    captioned.map(({ row, example }) => ({
      id: example.id,
      candidate: row.caption,
      references: example.captions,
    })),
    language,
  );
  const captions = captioned.map(({ row }) => row.caption);
  const words = captions.reduce((sum, caption) => sum + caption.split(' ').length, 0);
  const exact = captioned.filter(({ row, example }) => {
    const key = captionKey(row.caption, language);
    return example.captions.some((reference) => captionKey(reference, language) === key);
  });
  return {
    metrics,
    exactMatches: exact.length / captioned.length,
    wordsUsed: countWordsUsed(captions, language),
    meanLength: words / captions.length,
    failed: examples.length - captioned.length,
  };
}

async function* paths(examples: readonly Example[]): AsyncGenerator<string, void, undefined> {
  for (const { image } of examples) yield image;
}
