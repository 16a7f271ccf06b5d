import { z } from 'zod';

/** Which plain word stands for each class of an encoder's classifier. */
export interface TagMap {
  readonly words: readonly string[];
  /** For each class the index of its word in `words`, or −1 where no word is right. */
  readonly ofClass: Int32Array;
}

/** A tag map as files hold it. */
export const tagMapSchema = z
  .object({ words: z.array(z.string()), ofClass: z.array(z.int().min(-1)) })
  .refine(({ words, ofClass }) => ofClass.every((word) => word < words.length), {
    error: 'a class has a word that is not in the list',
  })
  .transform(({ words, ofClass }): TagMap => ({ words, ofClass: Int32Array.from(ofClass) }));

/** What `tagMapSchema` reads. */
export function tagMapJson({ words, ofClass }: TagMap): object {
  return { words, ofClass: [...ofClass] };
}
