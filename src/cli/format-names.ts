/** The forms in which captions are written. */
export const FORMATS = ['text', 'jsonl', 'csv'] as const;
export type Format = (typeof FORMATS)[number];
