// Sends photos to the server, a few at a time, and gives each its row.
import { Problem, request } from './api.js';

/** @typedef {import('./photo.js').Photo} Photo */

/** Photos and bytes of a request: few, so that captions appear one by one; more would hardly be quicker. */
const MOST_PHOTOS = 8;
const MOST_BYTES = 12 * 1024 * 1024;
/** Requests under way: while the network works on one, the other is uploaded. */
const AT_ONCE = 2;
/** Runners-up and the best together. */
const CAPTIONS = 4;

export class Captioning {
  /** @type {Photo[]} */
  #waiting = [];
  #underWay = 0;
  #leave = new AbortController();
  /** The model to ask for; the server's first if undefined. @type {string | undefined} */
  model;

  /** @param {readonly Photo[]} photos */
  add(photos) {
    this.#waiting.push(...photos);
    while (this.#underWay < AT_ONCE && this.#waiting.length > 0) void this.#work();
  }

  /** Forgets all that wait or are under way. */
  clear() {
    this.#waiting = [];
    this.#leave.abort();
    this.#leave = new AbortController();
  }

  async #work() {
    this.#underWay++;
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) await this.#caption(batch);
    this.#underWay--;
  }

  /** @returns {Photo[]} */
  #next() {
    const batch = [];
    let bytes = 0;
    for (const photo of this.#waiting) {
      bytes += photo.file.size;
      if (batch.length === MOST_PHOTOS || (batch.length > 0 && bytes > MOST_BYTES)) break;
      batch.push(photo);
    }
    this.#waiting.splice(0, batch.length);
    return batch;
  }

  /** @param {Photo[]} batch */
  async #caption(batch) {
    const { signal } = this.#leave;
    try {
      const rows = await askCaptions(batch, this.model, { top: CAPTIONS }, signal);
      for (const [index, photo] of batch.entries()) {
        const row = rows[index];
        if (row !== undefined) photo.finish(row);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.retryAfter !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfter ?? 1)));
        if (!signal.aborted) await this.#caption(batch);
        return;
      }
      const message = error instanceof Problem ? error.message : 'The server cannot be reached.';
      for (const photo of batch) photo.fail(message);
    }
  }
}

/**
 * The rows of photos.
 * @param {readonly Photo[]} photos
 * @param {string | undefined} model
 * @param {import('../../jobs/contract.js').JobOptions} options
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./types.js').CaptionRow[]>}
 */
export async function askCaptions(photos, model, options, signal) {
  const form = new FormData();
  form.append('options', JSON.stringify(options));
  if (model !== undefined) form.append('model', model);
  // The rows come in the order of the files: long names are of no use here, and might be refused.
  for (const [index, { file }] of photos.entries()) form.append('image', file, String(index));
  const response = await request('/v1/captions', {
    method: 'POST',
    body: form,
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()).results;
}
