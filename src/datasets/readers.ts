import { coco } from './coco.js';
import { flickr8k } from './flickr8k.js';
import { imageFolder } from './image-folder.js';
import { kaggle } from './kaggle.js';
import { karpathy } from './karpathy.js';
import { neuralTalk2 } from './neuraltalk2.js';
import type { DatasetReader } from './reader.js';
import { table } from './table.js';
import { textFolder } from './text-folder.js';
import { webDataset } from './webdataset.js';

/**
 * Every format that is read, the strictest first: a path is read by the first that recognises it. Karpathy's file comes
 * before COCO's own, beside which it may lie to say other splits. Shards come last: a tar beside other data is a backup.
 */
export const readers: readonly DatasetReader[] = [
  flickr8k,
  kaggle,
  karpathy,
  coco,
  imageFolder,
  textFolder,
  table,
  neuralTalk2,
  webDataset,
];
