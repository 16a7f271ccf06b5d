import { basename } from 'node:path';

/** A file inside an uncompressed archive: where its bytes lie. */
export interface ArchiveMember {
  /** Path of the archive, which ends in `.tar`. */
  readonly archive: string;
  /** Bytes before it, and of it. */
  readonly offset: number;
  readonly size: number;
}

/**
 * A member as a path, `/data/000.tar#1536+48211/dog.jpg`: what takes an image's path can then take a member, with nothing
 * unpacked.
 */
export function memberPath({ archive, offset, size }: ArchiveMember, name: string): string {
  return `${archive}#${offset}+${size}/${basename(name)}`;
}

/** What {@link memberPath} made, taken apart; undefined for the path of a file. */
export function parseMemberPath(path: string): ArchiveMember | undefined {
  const parts = /^(?<archive>.+\.tar)#(?<offset>\d{1,15})\+(?<size>\d{1,15})[\\/][^\\/]+$/is.exec(
    path,
  )?.groups;
  if (parts === undefined) return undefined;
  return { archive: parts.archive ?? '', offset: Number(parts.offset), size: Number(parts.size) };
}

/** The file that an image's path leads to: the archive of a member, else the path itself. */
export function fileOf(path: string): string {
  return parseMemberPath(path)?.archive ?? path;
}
