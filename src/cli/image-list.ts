import { createInterface } from 'node:readline';
import { findImages } from './find-images.js';

/** The path that stands for a list of paths on standard input. */
export const STANDARD_INPUT = '-';

/** The images that the command's paths name, in their order. */
export async function* listImages(
  paths: readonly string[],
  { recursive }: { readonly recursive: boolean },
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) {
    if (path !== STANDARD_INPUT) yield* findImages([path], { recursive });
    else {
      for await (const line of createInterface({
        input: process.stdin,
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        if (line !== '') yield* findImages([line], { recursive });
      }
    }
  }
}
