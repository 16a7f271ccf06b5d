// The view of jobs: those of the queues, newest first, with their progress as it happens.
import { request } from './api.js';
import { element, fromTemplate, within } from './elements.js';
import { readEvents } from './events.js';
import { detailOf, isOver, isUnderWay, nameOf, shareDone, stateText } from './job-text.js';

/** @typedef {import('./job-text.js').Job} Job */

/** Milliseconds between two looks for jobs that are new. */
const EVERY = 3000;
/** Jobs followed at once: a browser has six connections to a host, and the page needs some for all else. */
const FOLLOWED = 2;

/** Asked for each by itself, so that many photos do not hide a training, which takes hours. */
const QUEUES = ['caption', 'train', 'preprocess'];

export class JobList {
  #list = element('jobs', HTMLElement);
  /** By their jobs' addresses. @type {Map<string, HTMLElement>} */
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
        const jobs = (await Promise.all(QUEUES.map((queue) => latestOf(queue, signal)))).flat();
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
    const listed = new Set(jobs.map((job) => addressOf(job)));
    for (const [address, item] of this.#items) {
      if (listed.has(address)) continue;
      item.remove();
      this.#items.delete(address);
    }
    for (const job of whole.toSorted((a, b) => a.added.localeCompare(b.added))) this.#show(job, signal);
  }

  /** @param {Job} job @param {AbortSignal} signal */
  #show(job, signal) {
    const address = addressOf(job);
    const item = this.#items.get(address) ?? this.#add(job);
    item.dataset.state = job.state;
    within(item, 'progress', HTMLProgressElement).value = shareDone(job);
    within(item, '.state', HTMLElement).textContent = stateText(job);
    within(item, '.detail', HTMLElement).textContent = detailOf(job);
    within(item, '.why', HTMLElement).textContent = item.dataset.refused ?? job.failure?.message ?? '';
    within(item, '.results', HTMLElement).hidden = job.queue !== 'caption' || job.state !== 'completed';
    within(item, '.again', HTMLElement).hidden = job.state !== 'failed';
    within(item, '.cancel', HTMLElement).hidden = isOver(job);
    if (!isUnderWay(job) || this.#read.has(address) || this.#read.size >= FOLLOWED) return;
    void this.#follow(job, signal);
  }

  /** @param {Job} job */
  #add(job) {
    const item = fromTemplate('job');
    const name = nameOf(job);
    within(item, '.what', HTMLElement).textContent = name;
    within(item, '.when', HTMLElement).textContent = new Date(job.added).toLocaleString();
    within(item, 'progress', HTMLProgressElement).setAttribute('aria-label', `Progress of ${name}`);
    const cancel = () => request(addressOf(job), { method: 'DELETE' });
    within(item, '.cancel', HTMLElement).addEventListener('click', cancel);
    within(item, '.again', HTMLElement).addEventListener('click', () => tryAgain(job, item));
    within(item, '.results', HTMLElement).addEventListener('click', () => saveResults(job));
    this.#items.set(addressOf(job), item);
    this.#list.prepend(item);
    return item;
  }

  /** Shows a job's progress until it is over. @param {Job} job @param {AbortSignal} signal */
  async #follow(job, signal) {
    const address = addressOf(job);
    this.#read.add(address);
    try {
      const response = await request(addressOf(job, '/events'), { signal });
      for await (const news of readEvents(response)) this.#show(/** @type {Job} */ (news), signal);
    } catch {
      // It is looked for again with the others.
    } finally {
      this.#read.delete(address);
    }
  }
}

/** @param {string} queue @param {AbortSignal} signal @returns {Promise<Job[]>} */
async function latestOf(queue, signal) {
  return (await (await request(`/v1/jobs?queue=${queue}`, { signal })).json()).jobs;
}

/** Where the server tells of a job. @param {Job} job @param {string} [what] of it */
function addressOf({ id, queue }, what = '') {
  return `/v1/jobs/${encodeURIComponent(id)}${what}?queue=${queue}`;
}

/** Has a job that failed done again, or says why not. @param {Job} job @param {HTMLElement} item */
async function tryAgain(job, item) {
  delete item.dataset.refused;
  try {
    await request(addressOf(job, '/retry'), { method: 'POST' });
  } catch (error) {
    item.dataset.refused = error instanceof Error ? error.message : String(error);
    within(item, '.why', HTMLElement).textContent = item.dataset.refused;
  }
}

/** @param {Job} job */
async function saveResults(job) {
  const response = await request(addressOf(job, '/results'));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${job.id}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
