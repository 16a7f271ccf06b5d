// The view of photos: those that there are, their cards, how far they are.
import { Captioning } from './captioning.js';
import { cardOf } from './card.js';
import { download } from './downloads.js';
import { announce, element } from './elements.js';
import { photosIn, photosOf } from './files.js';
import { Look } from './look.js';

/** @typedef {import('./photo.js').Photo} Photo */

export class Gallery {
  /** @type {Photo[]} */
  #photos = [];
  #captioning = new Captioning();
  #grid = element('grid', HTMLElement);
  #look = new Look({
    model: () => this.model,
    neighbour: (photo, step) => this.#photos[this.#photos.indexOf(photo) + step],
  });
  /** Whether the figures are to be shown anew before the next frame. */
  #stale = false;
  /** The model in use. @type {import('./types.js').Model | undefined} */
  model;

  constructor() {
    this.#chooseFiles('files');
    this.#chooseFiles('folder');
    element('add', HTMLElement).addEventListener('click', () => element('files', HTMLElement).click());
    element('clear', HTMLElement).addEventListener('click', () => this.#clear());
    for (const button of document.querySelectorAll('[data-download]')) {
      if (!(button instanceof HTMLElement)) continue;
      button.addEventListener('click', () => {
        download(this.#photos, button.dataset.download ?? '');
        element('downloads', HTMLElement).hidePopover();
      });
    }
    placeBelow(element('downloads', HTMLElement), element('download', HTMLElement));
    this.#receiveDrops();
    addEventListener('beforeunload', (event) => {
      if (this.#photos.some(({ corrected }) => corrected)) event.preventDefault();
    });
  }

  /** @param {Photo[]} photos */
  add(photos) {
    if (photos.length === 0) {
      announce('There are no photos among them.');
      return;
    }
    this.#captioning.model = this.model?.name;
    const cards = photos.map((photo) => {
      photo.addEventListener('change', () => this.#refresh());
      const retry = () => {
        photo.wait();
        this.#captioning.add([photo]);
      };
      return cardOf(photo, { look: () => void this.#look.show(photo), retry });
    });
    this.#photos.push(...photos);
    this.#grid.append(...cards);
    this.#captioning.add(photos);
    this.#refresh();
  }

  #clear() {
    const corrected = this.#photos.some((photo) => photo.corrected);
    if (corrected && !confirm('Forget the photos, and the captions that were corrected?')) return;
    this.#captioning.clear();
    for (const { thumbnail } of this.#photos) if (thumbnail !== undefined) URL.revokeObjectURL(thumbnail);
    this.#photos = [];
    this.#grid.replaceChildren();
    this.#refresh();
    element('files', HTMLElement).focus();
  }

  /** @param {string} id of an input */
  #chooseFiles(id) {
    const input = element(id, HTMLInputElement);
    input.addEventListener('change', () => {
      this.add(photosOf(input.files ?? []));
      // So that the same may be chosen again.
      input.value = '';
    });
  }

  #receiveDrops() {
    const veil = element('veil', HTMLElement);
    addEventListener('dragover', (event) => {
      event.preventDefault();
      veil.classList.toggle('shown', event.dataTransfer?.types.includes('Files'));
    });
    addEventListener('dragleave', ({ relatedTarget }) => {
      if (relatedTarget === null) veil.classList.remove('shown');
    });
    addEventListener('drop', async (event) => {
      event.preventDefault();
      veil.classList.remove('shown');
      if (event.dataTransfer !== null) this.add(await photosIn(event.dataTransfer));
    });
  }

  #refresh() {
    if (this.#stale) return;
    this.#stale = true;
    requestAnimationFrame(() => {
      this.#stale = false;
      this.#showProgress();
    });
  }

  #showProgress() {
    const all = this.#photos.length;
    const failed = this.#photos.filter(({ state }) => state === 'failed').length;
    const ready = this.#photos.filter(({ state }) => state !== 'waiting').length;
    element('welcome', HTMLElement).hidden = all > 0;
    element('toolbar', HTMLElement).hidden = all === 0;
    const bar = element('progress', HTMLProgressElement);
    bar.max = Math.max(1, all);
    bar.value = ready;
    bar.classList.toggle('over', ready === all);
    const failures = failed === 0 ? '' : `, ${failed} failed`;
    const count = element('count', HTMLElement);
    const text =
      ready < all ? `${ready} of ${all}${failures}` : `${all} ${all === 1 ? 'photo' : 'photos'}${failures}`;
    if (count.textContent === text) return;
    count.textContent = text;
    // A quarter at a time: who listens is not to hear of each.
    if (ready === all || Math.floor((4 * ready) / all) > Math.floor((4 * (ready - 1)) / all)) announce(text);
  }
}

/** Opens a menu below its button. @param {HTMLElement} menu @param {HTMLElement} button */
function placeBelow(menu, button) {
  menu.addEventListener('beforetoggle', () => {
    const { bottom, right } = button.getBoundingClientRect();
    menu.style.top = `${bottom + 6}px`;
    menu.style.right = `${document.documentElement.clientWidth - right}px`;
  });
}
