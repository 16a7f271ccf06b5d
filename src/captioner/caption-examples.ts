import type { Dataset, Example, Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { isCaptioned } from './caption-row.js';
import type { Captioner } from './captioner.js';
import type { DevPicture } from './dev-captions.js';
import type { CaptionOptions } from './options.js';

/** The examples that could be captioned, with all of their captions. */
export async function* captionExamples(
  captioner: Captioner,
  examples: readonly Example[],
  options: CaptionOptions,
): AsyncGenerator<DevPicture, void, undefined> {
  const paths = async function* () {
    for (const { image } of examples) yield image;
  };
  let index = 0;
  for await (const row of captioner.captionAll(paths(), { ...options, evidence: true })) {
    const example = examples[index++] as Example;
    if (!isCaptioned(row)) continue;
    const captions = row.captions.flatMap(({ text, evidence }) => {
      return evidence === undefined ? [] : [{ text, ...evidence }];
    });
    if (captions.length > 0) yield { example, captions };
  }
}

export function ofSplit({ examples }: Dataset, wanted: Split): Example[] {
  return examples.filter(({ split }) => split === wanted);
}

export function tooFew(expected: string, received: string): LegendaError {
  return new LegendaError('NO_IMAGES', {
    expected,
    received,
    advice: 'name the data sets that the model was trained with',
  });
}
