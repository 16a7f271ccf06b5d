/** Red, green and blue 0…255, opacity 0…1. */
export type Colour = readonly [red: number, green: number, blue: number, opacity: number];

/** Times the even share of attention, and the colour there; what got little is darkened. */
const SCALE: readonly (readonly [times: number, colour: Colour])[] = [
  [0, [8, 10, 36, 0.68]],
  [1, [32, 18, 86, 0.52]],
  [2, [150, 30, 110, 0.42]],
  [3.5, [250, 112, 40, 0.44]],
  [5, [255, 224, 96, 0.48]],
];

/** The colour that lies over a place. @param times how many times the even share of attention it got. */
export function colourOf(times: number): Colour {
  const next = SCALE.findIndex(([stop]) => times < stop);
  const [to, second] = SCALE.at(next) ?? [0, [0, 0, 0, 0]];
  const [from, first] = SCALE[next - 1] ?? [to, second];
  const share = to > from ? (times - from) / (to - from) : 0;
  const mix = (i: 0 | 1 | 2 | 3) => first[i] + share * (second[i] - first[i]);
  return [mix(0), mix(1), mix(2), mix(3)];
}

/** An overlay's values as pixels `[…, 4]`: red, green, blue, opacity, 0…255 each. */
export function coloured(overlay: Float32Array): Buffer {
  const pixels = Buffer.alloc(4 * overlay.length);
  for (let i = 0; i < overlay.length; i++) {
    const [red, green, blue, opacity] = colourOf(overlay[i] as number);
    pixels.set([red, green, blue, 255 * opacity], 4 * i);
  }
  return pixels;
}

/** The colours from an even share to {@link SCALE}'s end, as the stops of a CSS gradient. */
export const LEGEND = Array.from({ length: 9 }, (_, index) => {
  const [red, green, blue, opacity] = colourOf(1 + index / 2);
  const part = (value: number) => Math.round(value);
  return `rgb(${part(red)} ${part(green)} ${part(blue)} / ${opacity.toFixed(2)})`;
}).join(', ');
