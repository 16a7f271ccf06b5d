export type { TagMap } from './tag-map.js';
export { classToTagMatrix, formsOf, tagsInCaption, tagWordOfClass, tagWords } from './tag-words.js';
