// The view of jobs: those of the queue, newest first, with their progress as it happens.
import { request } from './api.js';
import { element, fromTemplate, within } from './elements.js';
import { readEvents } from './events.js';

/** @typedef {{ id: string, state: string, images: number, done: number, added: string, failure?: { message: string } }} Job */

/** Milliseconds between two looks for jobs that are new. */
const EVERY = 3000;
const OVER = new Set(['completed', 'failed']);
const UNDER_WAY = new Set(['active', 'waiting-children']);
/** Jobs followed at once: a browser has six connections to a host, and the page needs some for all else. */
const FOLLOWED = 2;

export class JobList {
  #list = element('jobs', HTMLElement);
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();
  /** Those whose progress is being read. @type {Set<string>} */
  #read = new Set();
  /** @type {AbortController | undefined} */
  #watching;

  /** Begins to look for jobs, or stops. @param {boolean} on */
  watch(on) {
    this.#watching?.abort();
    this.#watching = on ? new AbortController() : undefined;
    if (this.#watching !== undefined) void this.#look(this.#watching.signal);
  }

  /** @param {AbortSignal} signal */
  async #look(signal) {
    while (!signal.aborted) {
      try {
        /** @type {{ jobs: Job[] }} */
        const { jobs } = await (await request('/v1/jobs', { signal })).json();
        this.#showAll(jobs, signal);
        element('jobs-note', HTMLElement).hidden = jobs.length > 0;
      } catch (error) {
        if (signal.aborted) return;
        const note = element('jobs-note', HTMLElement);
        note.hidden = false;
        note.textContent = error instanceof Error ? error.message : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }

  /** @param {Job[]} jobs @param {AbortSignal} signal */
  #showAll(jobs, signal) {
    const ids = new Set(jobs.map(({ id }) => id));
    // A long job is done in parts, which the queue lists too.
    const whole = jobs.filter(({ id }) => !ids.has(id.replace(/-\d+$/, '')) || !/-\d+$/.test(id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const job of whole.toSorted((a, b) => a.added.localeCompare(b.added))) this.#show(job, signal);
  }

  /** @param {Job} job @param {AbortSignal} signal */
  #show(job, signal) {
    const item = this.#items.get(job.id) ?? this.#add(job);
    const over = OVER.has(job.state);
    item.dataset.state = job.state;
    const progress = within(item, 'progress', HTMLProgressElement);
    progress.value = job.state === 'completed' ? 1 : job.done / job.images;
    within(item, '.state', HTMLElement).textContent = stateText(job);
    within(item, '.why', HTMLElement).textContent = job.failure?.message ?? '';
    within(item, '.results', HTMLElement).hidden = job.state !== 'completed';
    within(item, '.cancel', HTMLElement).hidden = over;
    if (!UNDER_WAY.has(job.state) || this.#read.has(job.id) || this.#read.size >= FOLLOWED) return;
    void this.#follow(job, signal);
  }

  /** @param {Job} job */
  #add({ id, images, added }) {
    const item = fromTemplate('job');
    const name = `${images} ${images === 1 ? 'photo' : 'photos'}`;
    within(item, '.what', HTMLElement).textContent = name;
    within(item, '.when', HTMLElement).textContent = new Date(added).toLocaleString();
    within(item, 'progress', HTMLProgressElement).setAttribute('aria-label', `Progress of ${name}`);
    const path = `/v1/jobs/${encodeURIComponent(id)}`;
    within(item, '.cancel', HTMLElement).addEventListener('click', () => request(path, { method: 'DELETE' }));
    within(item, '.results', HTMLElement).addEventListener('click', () => saveResults(path, id));
    this.#items.set(id, item);
    this.#list.prepend(item);
    return item;
  }

  /** Shows a job's progress until it is over. @param {Job} job @param {AbortSignal} signal */
  async #follow({ id }, signal) {
    this.#read.add(id);
    try {
      const response = await request(`/v1/jobs/${encodeURIComponent(id)}/events`, { signal });
      for await (const job of readEvents(response)) this.#show(/** @type {Job} */ (job), signal);
    } catch {
      // It is looked for again with the others.
    } finally {
      this.#read.delete(id);
    }
  }
}

/** @param {Job} job */
function stateText({ state, done, images }) {
  if (UNDER_WAY.has(state)) return `${done} of ${images}`;
  return state === 'prioritized' ? 'waiting' : state;
}

/** @param {string} path @param {string} id */
async function saveResults(path, id) {
  const response = await request(`${path}/results`);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${id}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
