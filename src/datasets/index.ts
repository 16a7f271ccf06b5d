export { describeDataset, describeDropped } from './describe.js';
export type { Dataset, Dropped, DropReason, Example, Split } from './example.js';
export { type ReadDatasetOptions, readDataset } from './read.js';
export type { DatasetReader, DatasetRecord, ReadDataset } from './reader.js';
export { readers } from './readers.js';
export { EXAMPLES } from './table.js';
export { type CaptionGroup, readTextCaptions } from './text-captions.js';
