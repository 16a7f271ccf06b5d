/** A model card with this section, in the place of an earlier one of the same heading or at its end. @param text its Markdown. */
export function withSection(card: string, heading: string, text: string): string {
  const section = `${heading}\n\n${text}\n`;
  // As a line of its own: "### Limits" has "## Limits" in it.
  const start = `\n${card}`.indexOf(`\n${heading}\n`);
  if (start === -1) return `${card.trimEnd()}\n\n${section}`;
  const next = card.indexOf('\n## ', start);
  return `${card.slice(0, start)}${section}${next === -1 ? '' : card.slice(next)}`;
}
