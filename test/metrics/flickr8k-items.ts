import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CaptionToEvaluate } from '../../src/metrics/index.js';

const FOLDER = resolve(import.meta.dirname, '../../../shared/datasets/flickr8k');

export const flickr8kPresent = existsSync(join(FOLDER, 'Flickr8k.token.txt'));

/** The two sets of candidates that `scripts/reference-metrics.py flickr8k` has scored, made by the same rules. */
export function flickr8kItems(): { human: CaptionToEvaluate[]; machine: CaptionToEvaluate[] } {
  const captions = new Map<string, string[]>();
  for (const line of linesOf('Flickr8k.token.txt')) {
    const tab = line.indexOf('\t');
    const name = line.slice(0, line.indexOf('#'));
    captions.set(name, [...(captions.get(name) ?? []), line.slice(tab + 1)]);
  }
  const names = linesOf('Flickr_8k.devImages.txt').map((name) => name.trim());
  const own = names.map((name) => captions.get(name)!);
  return {
    human: names.map((id, i) => ({ id, candidate: own[i]![0]!, references: own[i]!.slice(1) })),
    machine: names.map((id, i) => ({
      id,
      candidate: machineLike(own[i]!, own[(i + 1) % own.length]!, i),
      references: own[i]!,
    })),
  };
}

function linesOf(name: string): string[] {
  return readFileSync(join(FOLDER, name), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** A caption with a machine's faults: broken off, another image's, words missing, repeating itself, always the same. */
function machineLike(own: readonly string[], other: readonly string[], index: number): string {
  if (index % 97 === 13) return '';
  const words = own[index % 5]!.split(' ');
  switch (index % 5) {
    case 0:
      return words.slice(0, Math.ceil(words.length / 2)).join(' ');
    case 1:
      return other[1]!;
    case 2:
      return words.filter((_, place) => place % 3 !== 2).join(' ');
    case 3:
      return [...words.slice(0, 4), ...words.slice(0, 4), '.'].join(' ');
    default:
      return 'a dog is running through the grass';
  }
}
