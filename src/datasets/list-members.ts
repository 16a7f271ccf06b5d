import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { brokenFile } from './broken.js';
import { askGuard } from './read-guard.js';

/** A file in a tar archive. */
export interface Member {
  readonly name: string;
  /** Where its bytes begin, and how many they are. */
  readonly offset: number;
  readonly size: number;
  /** Its content, of those asked for. */
  readonly text: string | undefined;
}

/** Bytes of a file's header, right before its content. */
const HEADER = 512;

/** No caption needs more. */
const TEXT_LIMIT = 1024 * 1024;

/**
 * The files of a tar archive in their order; links, folders and devices are passed over, and nothing is written.
 * @param isText whether a file's content is wanted. @throws `DATASET_BROKEN` if it is no tar or ends too soon.
 */
export async function listMembers(archive: string, isText: (name: string) => boolean): Promise<Member[]> {
  await askGuard(archive);
  const members: Member[] = [];
  const entries = createReadStream(archive, { highWaterMark: 1024 * 1024 }).pipe(extract());
  try {
    for await (const entry of entries) {
      const { name, size, type } = entry.header;
      const wanted = type === 'file' && size <= TEXT_LIMIT && isText(name);
      const content = wanted ? await text(entry) : undefined;
      if (!wanted) entry.resume();
      if (type === 'file') members.push({ name, offset: entry.offset + HEADER, size, text: content });
    }
  } catch (cause) {
    throw brokenFile(
      archive,
      'a complete tar archive',
      cause instanceof Error ? cause.message : String(cause),
      cause,
    );
  }
  return members;
}
