export { fileOf, memberPath } from './archive-member.js';
export { type AugmentOptions, augment, mirror } from './augment.js';
export { findCopies } from './copies.js';
export { type DecodedImage, type DecodeOptions, decodeImage, type Fit } from './decode.js';
export { type FindOptions, type FoundImage, findImages } from './find.js';
export type { ImageFormat } from './formats.js';
export { readImage } from './read-image.js';
export { readPathList } from './read-path-list.js';
export { thumbnail } from './thumbnail.js';
