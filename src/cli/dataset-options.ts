import { type Command, InvalidArgumentError } from 'commander';
import type { ReadDatasetOptions } from '../datasets/index.js';

export interface DatasetFlags {
  readonly format?: string;
  readonly columns?: Columns;
}

type Columns = NonNullable<ReadDatasetOptions['columns']>;

/** The options of every command that reads data sets. */
export function addDatasetOptions(command: Command): Command {
  return command
    .option('--format <name>', 'format of the data (recognised by itself)')
    .option(
      '--columns <names>',
      'columns of a table, as in image=photo,caption=title,split=part; caption repeats (known by their common names)',
      columnNames,
    );
}

/** The flags as `readDataset` takes them. */
export function datasetOptions({ format, columns }: DatasetFlags): ReadDatasetOptions {
  return { ...(format === undefined ? {} : { format }), ...(columns === undefined ? {} : { columns }) };
}

function columnNames(value: string): Columns {
  const captions: string[] = [];
  const others: { image?: string; split?: string } = {};
  for (const part of value.split(',')) {
    const [, what, name = ''] = /^(image|captions?|split)=(.+)$/.exec(part.trim()) ?? [];
    if (what === 'image' || what === 'split') others[what] = name;
    else if (what !== undefined) captions.push(name);
    else throw new InvalidArgumentError('It is no list of image=NAME, caption=NAME, split=NAME.');
  }
  return captions.length === 0 ? others : { ...others, captions };
}
