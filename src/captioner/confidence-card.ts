import { type ConfidenceReport, GOOD_CIDER_D } from './confidence.js';

/** The heading of a model card's section on confidence. */
export const CONFIDENCE_HEADING = '## How sure to be';

/** The report as tables in Markdown. */
export function confidenceTables(report: ConfidenceReport): string {
  const sets = [...Object.entries(report.sets), ['all', report] as const];
  const errors = sets.map(
    ([name, { images, good, calibrationError, heldOutCalibrationError = '', separation }]) =>
      row(name, images, good, calibrationError, heldOutCalibrationError, separation ?? ''),
  );
  const minima = sets.map(([name, { ciderD, leavingOut }]) =>
    row(name, ciderD, ...leavingOut.map((one) => `${one.leftOut} → ${one.ciderD ?? ''}`)),
  );
  return [
    row('data set', 'images', 'good', 'calibration error', 'without this set', 'separation'),
    row(...Array<string>(6).fill('---')),
    ...errors,
    '',
    row('data set', 'CIDEr-D', ...report.leavingOut.map(({ minimum }) => `--min-confidence ${minimum}`)),
    row(...Array<string>(2 + report.leavingOut.length).fill('---')),
    ...minima,
  ].join('\n');
}

/** The section's text. */
export function confidenceText(report: ConfidenceReport): string {
  return `A caption's confidence is the probability that its CIDEr-D is above ${GOOD_CIDER_D}. Expected calibration error in 10 bins, of captions that
the fit did not see: by tenths of the captions, and by data sets (a set judged by a fit on the others only). Separation: how often
a good caption has a higher confidence than another. Below that what a minimum confidence does: the share of captions it leaves
out, and the mean CIDEr-D of the others.

${confidenceTables(report)}`;
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
