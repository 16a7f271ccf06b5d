// Finding and making elements.

/**
 * The element of the page that has this id.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function element(id, kind) {
  return within(document, `#${id}`, kind);
}

/**
 * The first element within another that a selector finds.
 * @template {Element} T
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
export function within(parent, selector, kind) {
  const found = parent.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`there is no ${selector}`);
}

/**
 * A new element as a template of the page has it.
 * @param {string} id
 */
export function fromTemplate(id) {
  const made = element(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (made instanceof HTMLElement) return made;
  throw new Error(`there is nothing in the template ${id}`);
}

/**
 * @param {string} tag
 * @param {string} text
 */
export function textElement(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** Says something to who cannot see it change. @param {string} text */
export function announce(text) {
  element('announcer', HTMLElement).textContent = text;
}

/** @param {number} share */
export function percent(share) {
  return `${Math.round(100 * share)} %`;
}
