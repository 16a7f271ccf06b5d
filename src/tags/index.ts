export type { TagMap } from './tag-map.js';
export { classToTagMatrix, formsOf, tagLabel, tagsInCaption, tagWordOfClass, tagWords } from './tag-words.js';
