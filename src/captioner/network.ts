import type { Graphs } from '../bundle/graph-files.js';
import { LegendaError } from '../errors.js';
import type { Hypothesis, SearchChoice } from '../search/index.js';
import type { TagMap } from '../tags/index.js';
import type { ExpectedWordsModel } from './expected-words.js';

/** What a network needs of a bundle: plain values, which can be sent to another thread. */
export interface NetworkModel extends Graphs {
  readonly words: readonly string[];
  readonly tags: TagMap | undefined;
  readonly expectedWords: ExpectedWordsModel | undefined;
  /** Pixels of a picture. */
  readonly size: { readonly height: number; readonly width: number };
  /** Cells of the feature grid. */
  readonly gridCells: number;
  /** The decoder's states, in order. */
  readonly stateNames: readonly string[];
}

/** How to search, for all pictures of a batch. */
export interface Wanted {
  readonly search: SearchChoice;
  /** Tags at least so probable are to be named; 0 for none. */
  readonly nameTags: number;
  /** How much it counts that a caption has the words to expect of the picture. */
  readonly expectedWords: number;
}

/** What the network finds in a picture. */
export interface SeenImage {
  readonly hypotheses: readonly Hypothesis[];
  /** How well the words of each hypothesis are those to expect; undefined where that was not learnt. */
  readonly wordFits: readonly number[] | undefined;
  /** The mean of its cells, `[D]`. */
  readonly vector: Float32Array;
  /** `[classes]`; undefined without a classifier. */
  readonly classLogits: Float32Array | undefined;
}

export function closedError(): LegendaError {
  return new LegendaError('INTERNAL', { received: 'pictures for a captioner that was closed' });
}

/** Whatever runs the network: this thread, or others. */
export interface Network {
  /** Batches that it has a use for at once. */
  readonly capacity: number;
  /** @param pixels RGB, `[height, width, 3]` each. @throws the signal's reason. */
  see(pixels: readonly Uint8Array[], wanted: Wanted, signal?: AbortSignal): Promise<SeenImage[]>;
  /** Frees all memory, once the batches under way are done. */
  close(): Promise<void>;
}
