import type sharp from 'sharp';

let loading: Promise<typeof sharp> | undefined;

/**
 * The library that reads and writes pictures, loaded when it is first asked for: that takes a tenth of a second, in which the thread
 * does nothing else, and many programs read no picture.
 */
export function loadSharp(): Promise<typeof sharp> {
  loading ??= import('sharp').then(({ default: loaded }) => {
    // Parallelism comes from many images in flight, each on one thread, and no image is asked for twice.
    loaded.cache(false);
    loaded.concurrency(1);
    return loaded;
  });
  return loading;
}
