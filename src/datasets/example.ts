export type Split = 'train' | 'dev' | 'test';

/** One image with its captions. */
export interface Example {
  /** Unique in its data set. */
  readonly id: string;
  /** The image's absolute path: of a file, or of a member of a tar shard (see `memberPath`). */
  readonly image: string;
  /** As written by people; never empty. */
  readonly captions: readonly string[];
  readonly split: Split;
}

/** Something that was left out, and why: a caption where the reason is `empty caption`, else an image. */
export interface Dropped {
  readonly id: string;
  readonly reason: DropReason;
  /** What more there is to say. */
  readonly detail?: string;
}

/**
 * `broken image`: found by those who decode all images, not by reading a data set. `duplicate`: listed twice, or the same
 * picture in another split. `no split`: other images of the data set say their split, this one does not.
 */
export type DropReason =
  | 'missing image'
  | 'broken image'
  | 'no captions'
  | 'empty caption'
  | 'duplicate'
  | 'no split';

export interface Dataset {
  /** The folder's name. */
  readonly name: string;
  /** The reader's name. */
  readonly format: string;
  /** The absolute path of the folder that all images lie in. */
  readonly root: string;
  readonly examples: readonly Example[];
  readonly dropped: readonly Dropped[];
}
