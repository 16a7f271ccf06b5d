// A caption's words, of which one may be chosen: with the pointer, the arrow keys, or by playing them one after the other.
import { element, textElement } from './elements.js';

/** @typedef {import('./types.js').Word} Word */

/** Milliseconds that each word is shown for when they are played. */
const BEAT = 700;

export class WordLine {
  #line = element('look-words', HTMLElement);
  #play = element('look-play', HTMLButtonElement);
  /** @type {readonly Word[]} */
  #words = [];
  #chosen = -1;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #playing;

  /** @param {(word: Word | undefined) => void} onChoose undefined for none */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.#line.addEventListener('keydown', (event) => this.#press(event));
    this.#line.addEventListener('pointerover', ({ target }) => this.#point(target));
    this.#line.addEventListener('click', ({ target }) => this.#point(target));
    this.#play.addEventListener('click', () => this.#toggle());
  }

  /** @param {readonly Word[]} words none where the model has not told of them */
  show(words) {
    this.stop();
    this.#words = words;
    this.#line.replaceChildren(
      ...words.map(({ word }, index) => {
        const option = textElement('span', word);
        option.id = `word-${index}`;
        option.role = 'option';
        return option;
      }),
    );
    this.#play.disabled = words.length === 0;
    this.#choose(-1);
  }

  stop() {
    clearInterval(this.#playing);
    this.#playing = undefined;
    this.#play.textContent = 'Play';
  }

  #toggle() {
    if (this.#playing !== undefined) {
      this.stop();
      return;
    }
    this.#play.textContent = 'Stop';
    this.#choose(0);
    this.#playing = setInterval(() => {
      if (this.#chosen === this.#words.length - 1) this.stop();
      else this.#choose(this.#chosen + 1);
    }, BEAT);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const last = this.#words.length - 1;
    const steps = { ArrowRight: this.#chosen + 1, ArrowLeft: this.#chosen - 1, Home: 0, End: last };
    const to = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    this.stop();
    this.#choose(Math.min(last, Math.max(0, to)));
  }

  /** @param {EventTarget | null} target */
  #point(target) {
    const index = target instanceof Element ? [...this.#line.children].indexOf(target) : -1;
    if (index < 0) return;
    this.stop();
    this.#choose(index);
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    for (const [at, option] of [...this.#line.children].entries()) {
      option.ariaSelected = String(at === index);
    }
    if (index < 0) this.#line.removeAttribute('aria-activedescendant');
    else this.#line.setAttribute('aria-activedescendant', `word-${index}`);
    this.onChoose(this.#words[index]);
  }
}
