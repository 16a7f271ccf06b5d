export { type AugmentOptions, augment, mirror } from './augment.js';
export { type DecodedImage, type DecodeOptions, decodeImage, type Fit } from './decode.js';
export { type ImageFormat, sniffFormat } from './formats.js';
