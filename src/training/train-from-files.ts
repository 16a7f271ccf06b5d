import { loadBundle } from '../bundle/index.js';
import {
  type CaptionGroup,
  describeDataset,
  type ReadDatasetOptions,
  readDataset,
  readTextCaptions,
} from '../datasets/index.js';
import { Writing } from '../text/index.js';
import { train } from './train.js';
import type { TrainOptions, TrainResult } from './train-options.js';

/** What `train` is given, with files and folders in place of what they hold. */
export interface TrainFromFiles extends Omit<TrainOptions, 'datasets' | 'texts' | 'init'> {
  /** Data sets. */
  readonly data: readonly string[];
  /** How to read all data sets; recognised if not given. Its guard is asked about texts too. */
  readonly reading?: ReadDatasetOptions | undefined;
  /** Files of captions without pictures. */
  readonly text: readonly string[];
  /** The folder of a trained model to go on from. */
  readonly init?: string | undefined;
}

/** Reads what there is to learn from, says what it is, and trains. @throws what `readDataset`, `loadBundle` and `train` throw. */
export async function trainFromFiles(options: TrainFromFiles): Promise<TrainResult> {
  const { data, reading = {}, text, init, ...rest } = options;
  const { onMessage = () => {} } = rest;
  const { language, vocabulary } = rest.configuration;
  const writing = new Writing({ language, unit: vocabulary.unit });
  const datasets = [];
  for (const path of data) {
    // No seed of the run's: evaluate and --resume must find the same splits.
    const dataset = await readDataset(path, reading);
    onMessage(describeDataset(dataset, writing));
    datasets.push(dataset);
  }
  let texts: CaptionGroup[] = [];
  for (const path of text) {
    const groups = await readTextCaptions(path, reading.guard);
    const captions = groups.reduce((sum, group) => sum + group.length, 0);
    onMessage(`${path}: ${captions.toLocaleString('en')} captions without pictures`);
    // Not pushed as arguments, of which there may be a hundred thousand and a few.
    texts = texts.concat(groups);
  }
  const from = init === undefined ? undefined : await loadBundle(init);
  return train({ ...rest, datasets, texts, init: from });
}
