// The page: which view is shown, and what the server has.
import { request } from './api.js';
import { element, textElement } from './elements.js';
import { Gallery } from './gallery.js';
import { JobList } from './job-list.js';

const gallery = new Gallery();
const jobs = new JobList();

addEventListener('hashchange', showView);
showView();
await showServer();

function showView() {
  const view = location.hash === '#jobs' ? 'jobs' : 'photos';
  element('photos-view', HTMLElement).hidden = view !== 'photos';
  element('jobs-view', HTMLElement).hidden = view !== 'jobs';
  for (const link of document.querySelectorAll('#views a')) {
    if (link.getAttribute('href') === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  jobs.watch(view === 'jobs');
}

async function showServer() {
  const { jobs: queued } = await (await fetch('/health/ready')).json();
  element('views', HTMLElement).hidden = queued !== true;
  /** @type {{ models: import('./types.js').Model[] }} */
  const { models } = await (await request('/v1/models')).json();
  const choice = element('model', HTMLSelectElement);
  choice.replaceChildren(...models.map(({ name }) => textElement('option', name)));
  element('model-choice', HTMLElement).hidden = models.length < 2;
  const choose = () => {
    gallery.model = models[choice.selectedIndex];
  };
  choice.addEventListener('change', choose);
  choose();
}
