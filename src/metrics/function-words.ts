const LIST = `
  a an the
  of to in for on with at by from as into than over after about up out
  and or but if so when not
  i you he she it we they his her its their our your who which what this that there all one other
  is are was were be been has have had do will would can
  ' s n't`;

/**
 * The words of English without much meaning of their own that are most frequent: METEOR counts them less. METEOR 1.5 takes the
 * words above 1 in 1,000 of a large corpus; its list is not under a licence that this project could pass on, so that this one
 * was written anew, from articles, prepositions, conjunctions, pronouns, auxiliaries and the parts of `'s`.
 */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/));
