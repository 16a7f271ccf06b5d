import { findCopies } from '../images/index.js';
import type { Dataset, Dropped, Example, Split } from './example.js';
import type { DatasetRecord, ReadDataset } from './reader.js';
import { assignSplits } from './splits.js';

export interface AssembleOptions {
  /** The share of the images that dev gets, and test too, where no splits are stated. */
  readonly devShare: number;
  readonly seed: number;
}

/** An image that can be learnt from; its split perhaps not yet known. */
type Kept = Omit<Example, 'split'> & { readonly split: Split | undefined };

/**
 * What was read as a data set: what cannot be learnt from is left out, noting why, and every example has its split, with
 * no picture in two.
 */
export async function assemble(
  { records }: ReadDataset,
  options: AssembleOptions,
): Promise<Pick<Dataset, 'examples' | 'dropped'>> {
  const { kept, dropped } = keepUsable(records);
  const copies = await findCopies(kept.map(({ image }) => image));
  const pictureOf = ({ image }: Kept) => copies.get(image) ?? image;
  const stated = kept.some(({ split }) => split !== undefined);
  const { examples, repeated } = stated
    ? splitsStated(kept, pictureOf)
    : { examples: kept, repeated: [] as Dropped[] };
  const drawn = drawSplits(examples, pictureOf, options);
  return {
    examples: examples.map((example) => ({
      ...example,
      split: drawn.get(pictureOf(example)) ?? example.split ?? 'train',
    })),
    dropped: [...dropped, ...repeated],
  };
}

/** Leaves out what has no picture, no caption, no place. */
function keepUsable(records: readonly DatasetRecord[]): { kept: Kept[]; dropped: Dropped[] } {
  const dropped: Dropped[] = [];
  const seen = new Set<string>();
  const someSplit = records.some((record) => record.split !== undefined);
  const kept: Kept[] = [];
  for (const { id, image, captions: written, split } of records) {
    const captions = written.map((caption) => caption.trim()).filter((caption) => HAS_WORDS.test(caption));
    for (let empty = captions.length; empty < written.length; empty++)
      dropped.push({ id, reason: 'empty caption' });
    if (seen.has(id)) dropped.push({ id, reason: 'duplicate' });
    else if (image === undefined) dropped.push({ id, reason: 'missing image' });
    else if (captions.length === 0) dropped.push({ id, reason: 'no captions' });
    else if (split === undefined && someSplit) dropped.push({ id, reason: 'no split' });
    else kept.push({ id, image, captions, split });
    seen.add(id);
  }
  return { kept, dropped };
}

/** A caption of punctuation alone has nothing to learn. */
const HAS_WORDS = /[\p{L}\p{N}]/u;

/** Test is left as it is, so that figures stay comparable; then dev; what is learnt from gives way. */
const PRECEDENCE: readonly Split[] = ['test', 'dev', 'train'];

/** Leaves out those of the same picture that are not in the first of its splits by precedence. */
function splitsStated(
  kept: readonly Kept[],
  pictureOf: (example: Kept) => string,
): { examples: Kept[]; repeated: Dropped[] } {
  const rank = ({ split }: Kept) => PRECEDENCE.indexOf(split ?? 'train');
  const first = new Map<string, Kept>();
  for (const example of kept) {
    const known = first.get(pictureOf(example));
    if (known === undefined || rank(example) < rank(known)) first.set(pictureOf(example), example);
  }
  const repeated: Dropped[] = [];
  const examples = kept.filter((example) => {
    const known = first.get(pictureOf(example)) ?? example;
    if (known.split === example.split) return true;
    repeated.push({
      id: example.id,
      reason: 'duplicate',
      detail: `of split ${example.split}; the same picture as ${known.id} of split ${known.split}`,
    });
    return false;
  });
  return { examples, repeated };
}

/**
 * The splits of pictures that are not stated: of all; or of those to train on, of which some are for dev where the data set
 * has none.
 */
function drawSplits(
  examples: readonly Kept[],
  pictureOf: (example: Kept) => string,
  { devShare, seed }: AssembleOptions,
): Map<string, Split> {
  const stated = new Set(examples.map(({ split }) => split));
  if (stated.has('dev')) return new Map();
  // By id and not by path, so that a data set may be moved.
  const pictures = new Map<string, string>();
  for (const example of examples) {
    if (example.split === 'test') continue;
    const picture = pictureOf(example);
    if (!pictures.has(picture)) pictures.set(picture, example.id);
  }
  const splits = assignSplits([...pictures.values()], { seed, devShare, withTest: stated.has(undefined) });
  return new Map([...pictures].map(([picture, id]) => [picture, splits.get(id) ?? 'train']));
}
