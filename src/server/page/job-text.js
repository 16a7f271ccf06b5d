// What the view of jobs says of each.

/** @typedef {{ id: string, state: string, added: string, failure?: { message: string } }} AnyJob */
/** @typedef {AnyJob & { queue: 'caption', images: number, done: number }} CaptionJob */
/** @typedef {{ stage: string, step: number, steps: number, loss: number, secondsLeft: number | null }} Step */
/** @typedef {{ message: string, step?: Step, devScores?: Record<string, number> }} Progress */
/** @typedef {{ model: string, best: { score: number } | null }} Result */
/** @typedef {AnyJob & { queue: 'train', name: string, progress?: Progress, result?: Result }} TrainJob */
/** @typedef {{ folder: string, images: number, captions: number }} Prepared */
/** @typedef {AnyJob & { queue: 'preprocess', name: string, images: number, done: number, result?: Prepared }} PreprocessJob */
/** @typedef {CaptionJob | TrainJob | PreprocessJob} Job */

const UNDER_WAY = new Set(['active', 'waiting-children']);

/** @param {Job} job */
export function isUnderWay({ state }) {
  return UNDER_WAY.has(state);
}

/** @param {Job} job */
export function isOver({ state }) {
  return state === 'completed' || state === 'failed';
}

/** What is done. @param {Job} job */
export function nameOf(job) {
  if (job.queue === 'train') return `Training of ${job.name}`;
  if (job.queue === 'preprocess') return `Preparation of ${job.name}`;
  return `${job.images} ${job.images === 1 ? 'photo' : 'photos'}`;
}

/** How much of it, of a training how much of its stage, is done: 0 to 1. @param {Job} job */
export function shareDone(job) {
  if (job.state === 'completed') return 1;
  if (job.queue !== 'train') return job.images === 0 ? 0 : job.done / job.images;
  const { step } = job.progress ?? {};
  return step === undefined ? 0 : step.step / step.steps;
}

/** @param {Job} job */
export function stateText(job) {
  if (!isUnderWay(job)) return job.state === 'prioritized' ? 'waiting' : job.state;
  if (job.queue !== 'train') return job.images === 0 ? 'starting' : `${job.done} of ${job.images}`;
  const { step } = job.progress ?? {};
  return step === undefined ? 'starting' : `${step.step} of ${step.steps}`;
}

/** What there is to know of a training or a preparation. @param {Job} job */
export function detailOf(job) {
  if (job.queue === 'caption') return '';
  if (job.queue === 'preprocess') {
    const { folder, images, captions } = job.result ?? {};
    return folder === undefined ? '' : `${folder}, ${images} images, ${captions} captions`;
  }
  const { progress, result } = job;
  if (result !== undefined) {
    return `${result.model}${result.best === null ? '' : `, CIDEr-D ${result.best.score.toFixed(3)}`}`;
  }
  if (progress?.step === undefined) return progress?.message ?? '';
  const { stage, loss, secondsLeft } = progress.step;
  const scores = Object.entries(progress.devScores ?? {}).map(([set, score]) => `${set} ${score.toFixed(3)}`);
  const left = isUnderWay(job) && secondsLeft !== null ? [`${duration(secondsLeft)} left`] : [];
  return [`stage ${stage}`, `loss ${loss.toFixed(3)}`, ...scores, ...left].join(', ');
}

/** @param {number} seconds */
function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes === 0) return `${Math.ceil(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
