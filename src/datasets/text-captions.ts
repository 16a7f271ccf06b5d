import { LegendaError } from '../errors.js';
import { type ReadGuard, withGuard } from './read-guard.js';
import { linesOf, readText } from './read-text.js';

/** Captions of one picture that is not here. */
export type CaptionGroup = readonly string[];

/**
 * Captions without pictures: a file of one caption a line, or of `ID<TAB>caption`, where lines of one ID are captions of
 * one picture.
 * @param guard asked before the file is opened. @throws `DATASET_BROKEN` if it cannot be read or holds no caption.
 */
export async function readTextCaptions(path: string, guard?: ReadGuard): Promise<CaptionGroup[]> {
  const groups = new Map<string, string[]>();
  for (const { line, number } of linesOf(await withGuard(guard, () => readText(path)))) {
    const tab = line.indexOf('\t');
    const id = tab === -1 ? `\n${number}` : line.slice(0, tab);
    const caption = line.slice(tab + 1).trim();
    if (caption === '') continue;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [caption]);
    else group.push(caption);
  }
  if (groups.size === 0) {
    throw new LegendaError('DATASET_BROKEN', {
      expected: 'captions, one a line, each alone or after an ID and a tab',
      received: `${path}, which holds none`,
    });
  }
  return [...groups.values()];
}
