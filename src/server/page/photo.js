// A photo of the page: its file, what became of it, and what a person made of that.

/** @typedef {import('./types.js').CaptionRow} CaptionRow */

export class Photo extends EventTarget {
  /** @type {'waiting' | 'done' | 'failed'} */
  state = 'waiting';
  /** What the server said of it. @type {CaptionRow | undefined} */
  row;
  /** The caption as it stands now. */
  text = '';
  /** The address of a small picture of it, once there is one. @type {string | undefined} */
  thumbnail;
  /** Why it failed. */
  problem = '';

  /** @param {File} file @param {string} name with the folders it was found in */
  constructor(file, name) {
    super();
    this.file = file;
    this.name = name;
  }

  /** The captions that the model found, best first. */
  get captions() {
    return this.row !== undefined && 'captions' in this.row ? this.row.captions : [];
  }

  get confidence() {
    return this.row !== undefined && 'confidence' in this.row ? this.row.confidence : undefined;
  }

  /** Whether a person changed what the model said. */
  get corrected() {
    return this.state === 'done' && this.text !== (this.captions[0]?.text ?? '');
  }

  /** @param {CaptionRow} row */
  finish(row) {
    this.row = row;
    if ('error' in row) {
      this.fail(row.error.message);
      return;
    }
    this.state = 'done';
    this.text = row.caption ?? '';
    this.changed();
  }

  /** @param {string} problem */
  fail(problem) {
    this.state = 'failed';
    this.problem = problem;
    this.changed();
  }

  /** Back to the queue. */
  wait() {
    this.state = 'waiting';
    this.row = undefined;
    this.changed();
  }

  /** @param {string} text */
  correct(text) {
    this.text = text;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
