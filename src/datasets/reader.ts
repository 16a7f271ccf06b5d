import type { ColumnNames } from './columns.js';
import type { Split } from './example.js';

/**
 * Reads one format of data sets. To add one: write it in a file of its own and name it in `readers.ts`; the conformance
 * suite then runs against it once the suite's fixture can write the format.
 */
export interface DatasetReader {
  /** As `--format` takes it. */
  readonly name: string;
  /** The layout, as an error message shows it to someone whose data set was not recognised. */
  readonly description: string;
  /**
   * Whether the file or folder at the path is laid out so; decided by names, and where they do not tell by how a file
   * begins, without reading it through.
   */
  recognises(path: string): Promise<boolean>;
  /**
   * What the files say, in their order, nothing left out: what is missing, empty or double is judged later, for all
   * formats alike.
   * @param columns for formats that are tables. @throws `DATASET_BROKEN` where the files cannot be understood.
   */
  read(path: string, columns: ColumnNames): Promise<ReadDataset>;
}

export interface ReadDataset {
  /** The folder that all images lie in, absolute; the data set is called as it is. */
  readonly root: string;
  readonly records: readonly DatasetRecord[];
}

/** One image as its data set's files have it. */
export interface DatasetRecord {
  readonly id: string;
  /** The image's absolute path; undefined if there is no such file. */
  readonly image: string | undefined;
  readonly captions: readonly string[];
  /** Undefined if the files do not say. */
  readonly split: Split | undefined;
}
