// A photo's card in the grid.
import { copyText } from './clipboard.js';
import { fromTemplate, percent, within } from './elements.js';
import { thumbnailOf } from './thumbnails.js';

/** @typedef {import('./photo.js').Photo} Photo */

/** Makes thumbnails of the cards that are on the screen or soon will be. @type {Map<Element, () => void>} */
const unseen = new Map();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      unseen.get(target)?.();
      unseen.delete(target);
      watcher.unobserve(target);
    }
  },
  { rootMargin: '600px' },
);

/**
 * @param {Photo} photo
 * @param {{ look: () => void, retry: () => void }} actions
 */
export function cardOf(photo, { look, retry }) {
  const card = fromTemplate('card');
  const image = within(card, 'img', HTMLImageElement);
  const caption = within(card, 'textarea', HTMLTextAreaElement);
  within(card, '.name', HTMLElement).textContent = photo.name;
  caption.setAttribute('aria-label', `Caption of ${photo.name}`);
  button('.photo', `Look at ${photo.name}`, look);
  button('.looks', `See where the model looked in ${photo.name}`, look);
  button('.retry', `Try ${photo.name} again`, retry);
  const copy = button('.copy', `Copy the caption of ${photo.name}`, async () => {
    await copyText(photo.text);
    copy.textContent = 'Copied';
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 1500);
  });
  caption.addEventListener('input', () => photo.correct(caption.value));
  photo.addEventListener('change', show);
  unseen.set(card, async () => {
    const thumbnail = await thumbnailOf(photo);
    if (thumbnail !== undefined) image.src = thumbnail;
  });
  watcher.observe(card);
  show();
  return card;

  /** @param {string} selector @param {string} name @param {() => void} act */
  function button(selector, name, act) {
    const found = within(card, selector, HTMLButtonElement);
    found.setAttribute('aria-label', name);
    found.addEventListener('click', act);
    return found;
  }

  function show() {
    const { state, text, confidence = 0, corrected, problem } = photo;
    card.dataset.state = state;
    card.toggleAttribute('data-corrected', corrected);
    if (caption.value !== text) caption.value = text;
    caption.placeholder = state === 'waiting' ? '…' : 'No caption';
    caption.readOnly = state === 'waiting';
    image.alt = text;
    within(card, '.problem', HTMLElement).textContent = problem;
    within(card, 'meter', HTMLMeterElement).value = confidence;
    within(card, '.sure', HTMLElement).title = 'How probable it is that the caption is a good one';
    within(card, '.sure span', HTMLElement).textContent = corrected ? 'corrected' : percent(confidence);
  }
}
