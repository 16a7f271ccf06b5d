import { evaluateCaptioner, loadCaptioner } from '../captioner/index.js';
import type { DevMetrics } from '../captioner/scores-card.js';
import type { Dataset } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { summarise } from '../metrics/index.js';

/**
 * The scores of a bundle, used as it will be used, on the dev split of each data set that has one with readable pictures.
 * @throws the signal's reason when it is aborted.
 */
export async function devMetrics(
  bundle: string,
  datasets: readonly Dataset[],
  signal?: AbortSignal,
): Promise<DevMetrics> {
  const captioner = await loadCaptioner(bundle);
  const scores: Record<string, Record<string, number>> = {};
  try {
    for (const { name, examples } of datasets) {
      const dev = examples.filter(({ split }) => split === 'dev');
      const options = signal === undefined ? {} : { signal };
      const evaluation = await evaluateCaptioner(captioner, dev, options).catch(noneIfNoImages);
      if (evaluation === undefined) continue;
      scores[name] = summarise(evaluation.metrics);
    }
  } finally {
    await captioner.close();
  }
  return scores;
}

/** A split without a picture that could be captioned has no scores; the run has them for the others. */
function noneIfNoImages(error: unknown): undefined {
  if (error instanceof LegendaError && error.code === 'NO_IMAGES') return undefined;
  throw error;
}
