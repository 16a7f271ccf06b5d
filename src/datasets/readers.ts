import { coco } from './coco.js';
import { flickr8k } from './flickr8k.js';
import type { DatasetReader } from './reader.js';
import { textFolder } from './text-folder.js';

/** Every format that is read, the strictest first: a path is read by the first that recognises it. */
export const readers: readonly DatasetReader[] = [flickr8k, coco, textFolder];
