import { distance } from 'fastest-levenshtein';
import { LegendaError } from '../errors.js';
import { SPECIAL_TOKENS, type Vocabulary } from '../text/index.js';

/** The token of a word as a person writes it. @throws `CONFIGURATION_INVALID`, naming the nearest, for one not known. */
export function tokenOf(text: string, vocabulary: Vocabulary): number {
  const [word = '', ...others] = vocabulary.writing.tokenise(text);
  const token = vocabulary.numberOf(word);
  if (word !== '' && others.length === 0 && token >= SPECIAL_TOKENS.length) return token;
  const nearest = nearestWord(text.toLowerCase(), vocabulary);
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'a single word that the model can write',
    received: JSON.stringify(text),
    ...(nearest === undefined ? {} : { advice: `did you mean ${nearest}?` }),
  });
}

/** The word of the vocabulary that is spelt most like this one, of equals the most frequent; none where all differ much. */
function nearestWord(text: string, vocabulary: Vocabulary): string | undefined {
  let nearest: string | undefined;
  // Where more than half of the letters differ it is another word.
  let least = Math.floor(text.length / 2) + 1;
  for (const word of vocabulary.words.slice(SPECIAL_TOKENS.length)) {
    const unlikeness = distance(word, text);
    if (unlikeness < least) [nearest, least] = [word, unlikeness];
  }
  return nearest;
}
