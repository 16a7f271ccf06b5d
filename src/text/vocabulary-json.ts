import { z } from 'zod';
import { Vocabulary } from './vocabulary.js';
import { UNITS, Writing } from './writing.js';

/** A vocabulary as files keep it; without `writing` it is of English words. */
export const vocabularySchema = z.object({
  words: z.array(z.string()),
  writing: z.object({ language: z.string(), unit: z.enum(UNITS) }).default({ language: 'en', unit: 'words' }),
  forms: z.record(z.string(), z.string()).default({}),
});

/** @throws `CONFIGURATION_INVALID` */
export function vocabularyFrom({ words, writing, forms }: z.infer<typeof vocabularySchema>): Vocabulary {
  return new Vocabulary(words, new Writing(writing), new Map(Object.entries(forms)));
}

export function vocabularyJson({ words, writing, forms }: Vocabulary): z.infer<typeof vocabularySchema> {
  const { language, unit } = writing;
  return { words: [...words], writing: { language, unit }, forms: Object.fromEntries(forms) };
}
