// The dialog of one photo: large, where the model looked for each word, what else it would have said.
import { Problem } from './api.js';
import { drawAttention, placeOver } from './attention.js';
import { askCaptions } from './captioning.js';
import { element, percent, textElement } from './elements.js';
import { WordLine } from './word-line.js';

/** @typedef {import('./photo.js').Photo} Photo */
/** @typedef {import('./types.js').Caption} Caption */
/** @typedef {import('./types.js').Model} Model */

/** Captions that are asked for: as many as the cards' requests give. */
const CAPTIONS = 4;

export class Look {
  #dialog = element('look', HTMLDialogElement);
  #image = element('look-photo', HTMLImageElement);
  #map = element('look-map', HTMLCanvasElement);
  #hint = element('look-hint', HTMLElement);
  #words = new WordLine((word) => this.#showWord(word));
  /** @type {Photo | undefined} */
  #photo;

  /**
   * @param {{ model: () => Model | undefined, neighbour: (photo: Photo, step: number) => Photo | undefined }} page
   */
  constructor(page) {
    this.page = page;
    element('look-close', HTMLElement).addEventListener('click', () => this.#dialog.close());
    element('look-before', HTMLElement).addEventListener('click', () => this.#step(-1));
    element('look-after', HTMLElement).addEventListener('click', () => this.#step(1));
    this.#dialog.addEventListener('close', () => this.#leave());
    this.#dialog.addEventListener('click', ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener('keydown', ({ key }) => {
      if (key === 'PageUp') this.#step(-1);
      if (key === 'PageDown') this.#step(1);
    });
    this.#image.addEventListener('load', () => this.#place());
  }

  /** @param {Photo} photo */
  async show(photo) {
    this.#leave();
    this.#photo = photo;
    this.#image.src = URL.createObjectURL(photo.file);
    this.#image.alt = photo.text;
    element('look-name', HTMLElement).textContent = photo.name;
    element('look-before', HTMLButtonElement).disabled = this.page.neighbour(photo, -1) === undefined;
    element('look-after', HTMLButtonElement).disabled = this.page.neighbour(photo, 1) === undefined;
    this.#showRow(photo.captions);
    if (!this.#dialog.open) this.#dialog.showModal();
    if (photo.state !== 'done') {
      this.#hint.textContent = photo.problem || 'It waits for its caption.';
      return;
    }
    this.#hint.textContent = 'Finding out where the model looked …';
    const told = await this.#askAttention(photo);
    if (this.#photo !== photo) return;
    this.#hint.textContent = told.hint;
    if (told.captions.length > 0) this.#showRow(told.captions);
  }

  /**
   * The captions with where the model looked: asked for when somebody looks, as they are larger than all else.
   * @param {Photo} photo
   * @returns {Promise<{ captions: readonly Caption[], hint: string }>}
   */
  async #askAttention(photo) {
    const hint = 'Point at a word, or use the arrow keys, to see where the model looked for it.';
    if (photo.captions[0]?.words !== undefined) return { captions: photo.captions, hint };
    try {
      const [row] = await askCaptions([photo], this.page.model()?.name, { top: CAPTIONS, attention: true });
      if (row === undefined || !('captions' in row))
        return { captions: [], hint: 'The model says nothing more of it.' };
      return { captions: row.captions, hint };
    } catch (error) {
      return {
        captions: [],
        hint: error instanceof Problem ? error.message : 'The server cannot be reached.',
      };
    }
  }

  /** @param {readonly Caption[]} captions */
  #showRow(captions) {
    const [best, ...others] = captions;
    this.#words.show(best?.words ?? []);
    if (best !== undefined && best.words === undefined) {
      element('look-words', HTMLElement).replaceChildren(textElement('span', best.text));
    }
    element('look-others', HTMLElement).replaceChildren(...others.map((caption) => this.#otherItem(caption)));
    const row = this.#photo?.row;
    const tags = row !== undefined && 'tags' in row ? (row.tags ?? []) : [];
    element('look-tags', HTMLElement).textContent = tags
      .slice(0, 4)
      .map(({ label, probability }) => `${label} ${percent(probability)}`)
      .join(', ');
    element('look-tags-title', HTMLElement).hidden = tags.length === 0;
  }

  /** @param {Caption} caption */
  #otherItem({ text, confidence }) {
    const item = document.createElement('li');
    const use = textElement('button', 'Use');
    use.className = 'plain';
    use.setAttribute('aria-label', `Use: ${text}`);
    use.addEventListener('click', () => {
      this.#photo?.correct(text);
      use.textContent = 'Used';
    });
    const sure = textElement('small', percent(confidence));
    item.append(textElement('span', text), sure, use);
    return item;
  }

  /** @param {import('./types.js').Word | undefined} word */
  #showWord(word) {
    const model = this.page.model();
    const note = element('look-word', HTMLElement);
    this.#map.classList.toggle('shown', word !== undefined && model !== undefined);
    note.textContent = '';
    if (word === undefined || model === undefined) return;
    drawAttention(this.#map, word, model.view);
    const beside = (word.beside ?? []).filter(({ weight }) => weight >= 0.05);
    const also = beside.map((one) => `${one.word} ${percent(one.weight)}`).join(', ');
    note.textContent = `${word.word}: ${percent(word.probability)} probable${also === '' ? '' : `, from the tags ${also}`}`;
  }

  #place() {
    const { naturalWidth, naturalHeight } = this.#image;
    element('look-frame', HTMLElement).style.setProperty('--ratio', String(naturalWidth / naturalHeight));
    const model = this.page.model();
    if (model !== undefined) placeOver(this.#map, this.#image, model.view);
  }

  /** @param {number} step */
  #step(step) {
    const next = this.#photo && this.page.neighbour(this.#photo, step);
    if (next !== undefined) void this.show(next);
  }

  #leave() {
    this.#words.stop();
    this.#photo = undefined;
    if (this.#image.src !== '') URL.revokeObjectURL(this.#image.src);
    this.#image.removeAttribute('src');
  }
}
