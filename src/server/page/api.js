// Requests to the server: with the token, where one is needed, and failures as errors.
import { element } from './elements.js';

/** A request that failed, as the server tells it. */
export class Problem extends Error {
  /** @param {{ code: string, detail: string }} problem @param {number} [retryAfter] seconds */
  constructor({ code, detail }, retryAfter) {
    super(detail);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

const KEY = 'legenda-token';

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} an answer that tells of success
 * @throws {Problem}
 */
export async function request(path, init = {}) {
  for (;;) {
    const token = sessionStorage.getItem(KEY);
    const headers = { ...init.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(path, { ...init, headers });
    if (response.ok) return response;
    if (response.status === 401) {
      // Another request may have brought a token meanwhile.
      if (sessionStorage.getItem(KEY) === token) await askToken(token !== null);
      continue;
    }
    const after = Number(response.headers.get('retry-after') ?? Number.NaN);
    const problem = await response
      .json()
      .catch(() => ({ code: `HTTP ${response.status}`, detail: response.statusText }));
    throw new Problem(problem, Number.isFinite(after) ? after : undefined);
  }
}

/** @type {Promise<void> | undefined} */
let asking;

/** @param {boolean} refused whether one was given, and is not valid */
function askToken(refused) {
  asking ??= new Promise((resolve) => {
    const dialog = element('ask-token', HTMLDialogElement);
    const field = element('token', HTMLInputElement);
    field.value = '';
    element('token-refused', HTMLElement).hidden = !refused;
    dialog.addEventListener(
      'close',
      () => {
        sessionStorage.setItem(KEY, field.value);
        asking = undefined;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}
