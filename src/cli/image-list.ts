import { type FoundImage, findImages, readPathList } from '../images/index.js';

/** The path that stands for a list of paths on standard input. */
export const STANDARD_INPUT = '-';

/** The images that the command's paths name, in their order. */
export function listImages(
  paths: readonly string[],
  options: { readonly recursive: boolean },
): AsyncGenerator<FoundImage, void, undefined> {
  return findImages(expand(paths), options);
}

async function* expand(paths: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path === STANDARD_INPUT) yield* readPathList(process.stdin);
    else yield path;
  }
}
