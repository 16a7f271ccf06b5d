import { open, readFile, stat } from 'node:fs/promises';
import { LegendaError } from '../errors.js';
import { type ArchiveMember, parseMemberPath } from './archive-member.js';

/** No photo within the pixel limit needs more; keeps a mistaken path from filling the memory. */
const BYTE_LIMIT = 512 * 1024 * 1024;

/**
 * The bytes of an image, not yet looked at.
 * @param path of a file, or of an archive's member. @throws `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_TOO_LARGE`.
 */
export async function readImage(path: string): Promise<Uint8Array> {
  const member = parseMemberPath(path);
  const file = member?.archive ?? path;
  try {
    // Before opening: opening a pipe would wait for its writer for ever.
    const status = await stat(file);
    if (!status.isFile()) {
      throw new LegendaError('IMAGE_UNREADABLE', {
        expected: 'a file',
        received: status.isDirectory() ? `the folder ${file}` : file,
      });
    }
    const size = member?.size ?? status.size;
    if (size > BYTE_LIMIT) {
      throw new LegendaError('IMAGE_TOO_LARGE', {
        expected: `a file of at most ${BYTE_LIMIT} bytes`,
        received: `${path} of ${size} bytes`,
      });
    }
    return member === undefined ? await readFile(path) : await readMember(member);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** Fewer bytes than the member's size if the archive ends before. */
async function readMember({ archive, offset, size }: ArchiveMember): Promise<Uint8Array> {
  const file = await open(archive);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The error that a path which cannot be read deserves: `IMAGE_NOT_FOUND` or `IMAGE_UNREADABLE`. */
export function unreadable(error: unknown, path: string): LegendaError {
  if (error instanceof LegendaError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new LegendaError('IMAGE_NOT_FOUND', { received: path, advice: 'check the path', cause: error });
  }
  const permission = code === 'EACCES' || code === 'EPERM';
  return new LegendaError('IMAGE_UNREADABLE', {
    received: `${path} (${String(code ?? error)})`,
    ...(permission ? { advice: 'check its permissions' } : {}),
    cause: error,
  });
}
