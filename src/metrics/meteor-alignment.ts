/** A word as METEOR matches it. */
export interface StemmedWord {
  readonly word: string;
  readonly stem: string;
}

/** A matched pair of words, by their places. */
export interface Match {
  readonly candidate: number;
  readonly reference: number;
}

export interface Alignment {
  /** In the candidate's order. */
  readonly matches: readonly Match[];
  /** Runs of matches that stand side by side, in the same order, in both. */
  readonly chunks: number;
}

/** An alignment of the candidate's words so far. */
interface Partial {
  /** Matches of equal words. */
  readonly exact: number;
  readonly chunks: number;
  readonly last: Chain | undefined;
  /** A bit for each of the reference's words that is matched, as long as more of its stem are to come. */
  readonly taken: bigint;
}

/** A match with those before it. */
interface Chain extends Match {
  readonly before: Chain | undefined;
}

/**
 * Alignments followed at once, times the reference's words: more than captions ever need. In texts that repeat words dozens of
 * times only the best so far are followed, so that they end.
 */
const EFFORT = 20_000;

/**
 * The alignment of two captions that METEOR scores, each word to one of the same stem or to none (Denkowski and Lavie
 * 2011): with the most matches; of those with the most between equal words; of those with the fewest chunks.
 *
 * Words of one stem can all match each other, so with `a` of them here and `b` there it has min(a, b) matches in the end, and
 * a word may be passed over only where enough of its stem are to come. That leaves few ways, and all of them are followed.
 */
export function align(candidate: readonly StemmedWord[], reference: readonly StemmedWord[]): Alignment {
  const places = placesByStem(reference);
  const toCome = new Map([...placesByStem(candidate)].map(([stem, { length }]) => [stem, length]));
  const width = Math.ceil(EFFORT / reference.length);
  let partials: Partial[] = [{ exact: 0, chunks: 0, last: undefined, taken: 0n }];
  for (const [place, { word, stem }] of candidate.entries()) {
    const left = (toCome.get(stem) ?? 0) - 1;
    toCome.set(stem, left);
    const found = places.get(stem) ?? [];
    const forget = left === 0 ? found.reduce((bits, at) => bits | bit(at), 0n) : 0n;
    const best = new Map<string, Partial>();
    const keep = (partial: Partial) => {
      const kept = { ...partial, taken: partial.taken & ~forget };
      // Alike in all that matters for the words to come.
      const key = `${kept.taken} ${kept.last?.candidate === place ? kept.last.reference : ''}`;
      const other = best.get(key);
      if (other === undefined || byWorth(kept, other) < 0) best.set(key, kept);
    };
    for (const partial of partials) {
      const free = found.filter((at) => (partial.taken & bit(at)) === 0n);
      if (free.length <= left) keep(partial);
      for (const at of free) {
        const { exact, chunks, last, taken } = partial;
        const goesOn = last?.candidate === place - 1 && last.reference === at - 1;
        keep({
          exact: exact + (reference[at]?.word === word ? 1 : 0),
          chunks: chunks + (goesOn ? 0 : 1),
          last: { candidate: place, reference: at, before: last },
          taken: taken | bit(at),
        });
      }
    }
    partials = [...best.values()];
    if (partials.length > width) partials = partials.sort(byWorth).slice(0, width);
  }
  const [best] = partials.sort(byWorth);
  return { matches: listed(best?.last), chunks: best?.chunks ?? 0 };
}

function bit(place: number): bigint {
  return 1n << BigInt(place);
}

function byWorth(a: Partial, b: Partial): number {
  return b.exact - a.exact || a.chunks - b.chunks;
}

function placesByStem(words: readonly StemmedWord[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { stem }] of words.entries()) {
    const known = places.get(stem);
    if (known === undefined) places.set(stem, [place]);
    else known.push(place);
  }
  return places;
}

function listed(last: Chain | undefined): Match[] {
  const matches: Match[] = [];
  for (let match = last; match !== undefined; match = match.before) {
    matches.push({ candidate: match.candidate, reference: match.reference });
  }
  return matches.reverse();
}
