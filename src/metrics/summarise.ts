import type { CaptionMetrics } from './evaluate-captions.js';

/** The metrics that a model is known by, each under a name of its own, to four digits, as papers give them. */
export function summarise(metrics: CaptionMetrics): Record<string, number> {
  const { bleu, images, rougeL, ciderD, distinctCaptions } = metrics;
  const [bleu1, bleu2, bleu3, bleu4] = bleu;
  const named = { images, bleu1, bleu2, bleu3, bleu4, rougeL, ciderD, distinctCaptions };
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, Math.round(value * 1e4) / 1e4]),
  );
}
