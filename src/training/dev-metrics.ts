import { evaluateCaptioner, loadCaptioner } from '../captioner/index.js';
import type { Dataset } from '../datasets/index.js';
import type { DevMetrics } from './model-card.js';

/** The scores of a bundle, used as it will be used, on the dev split of each data set. */
export async function devMetrics(bundle: string, datasets: readonly Dataset[]): Promise<DevMetrics> {
  const captioner = await loadCaptioner(bundle);
  const scores: Record<string, Record<string, number>> = {};
  for (const { name, examples } of datasets) {
    const dev = examples.filter(({ split }) => split === 'dev');
    if (dev.length === 0) continue;
    const { metrics } = await evaluateCaptioner(captioner, dev);
    const [bleu1, bleu2, bleu3, bleu4] = metrics.bleu;
    const { images, rougeL, ciderD, distinctCaptions } = metrics;
    scores[name] = round({ images, bleu1, bleu2, bleu3, bleu4, rougeL, ciderD, distinctCaptions });
  }
  await captioner.close();
  return scores;
}

/** To four digits, as papers give them. */
function round(scores: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scores).map(([name, value]) => [name, Math.round(value * 1e4) / 1e4]),
  );
}
