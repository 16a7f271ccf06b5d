import { type ConfidenceReport, GOOD_CIDER_D } from './confidence.js';

const HEADING = '## How sure to be';

/** A model card with its section on confidence, in the place of an earlier one or at its end. */
export function withConfidenceSection(card: string, report: ConfidenceReport): string {
  const section = `${HEADING}\n\n${describe(report)}\n`;
  const start = card.indexOf(`${HEADING}\n`);
  if (start === -1) return `${card.trimEnd()}\n\n${section}`;
  const next = card.indexOf('\n## ', start);
  return `${card.slice(0, start)}${section}${next === -1 ? '' : card.slice(next)}`;
}

function describe(report: ConfidenceReport): string {
  const rows = [...Object.entries(report.sets), ['all', report] as const].map(
    ([name, { images, good, calibrationError, heldOutCalibrationError = '', separation }]) =>
      `| ${[name, images, good, calibrationError, heldOutCalibrationError, separation ?? ''].join(' | ')} |`,
  );
  return `A caption's confidence is the probability that its CIDEr-D is above ${GOOD_CIDER_D}. Expected calibration error in 10 bins, of captions that
the fit did not see: by tenths of the captions, and by data sets (a set judged by a fit on the others only). Separation: how often
a good caption has a higher confidence than another.

| data set | images | good | calibration error | without this set | separation |
|---|---|---|---|---|---|
${rows.join('\n')}`;
}
