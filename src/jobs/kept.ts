/**
 * How long jobs that are over are kept, seconds: a day those done, a week those failed. Not so many at most: a long list's shards
 * would go when others finish while the rest of it is still to do.
 */
export const KEPT = { removeOnComplete: { age: 24 * 3600 }, removeOnFail: { age: 7 * 24 * 3600 } };
