/** As many pixels: seven pictures of 260 × 260 take a good 2 GB of activations in EfficientNet-Lite2, gradients included. */
const PIXELS = 2 ** 19;

/**
 * Splits pictures into parts that go through the encoder at once, as even as can be.
 * @param size of a picture as the network reads it. @returns from where, and to before where, each part goes.
 */
export function picturesAtOnce(
  count: number,
  { height, width }: { readonly height: number; readonly width: number },
): { start: number; end: number }[] {
  const most = Math.max(1, Math.floor(PIXELS / (height * width)));
  const parts = Math.ceil(count / most);
  const bound = (part: number) => Math.round((part * count) / parts);
  return Array.from({ length: parts }, (_, part) => ({ start: bound(part), end: bound(part + 1) }));
}
