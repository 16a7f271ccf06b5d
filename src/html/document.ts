import { escapeHtml } from './escape-html.js';
import { LOOKS } from './looks.js';

export interface DocumentHead {
  readonly title: string;
  /** CSS beside what all pages have. */
  readonly style?: string;
  /** Seconds after which it is read again. */
  readonly reload?: number;
}

/**
 * A page that runs no script and asks no host for anything: all it shows is in it, or in files beside it.
 * @param body HTML.
 */
export function htmlDocument(head: DocumentHead, body: string): string {
  return `${documentStart(head)}${body}${DOCUMENT_END}`;
}

/** A page up to its body, for one that is written bit by bit. */
export function documentStart({ title, style = '', reload }: DocumentHead): string {
  const refresh = reload === undefined ? '' : `<meta http-equiv="refresh" content="${reload}">\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
${refresh}<title>${escapeHtml(title)}</title>
<style>${LOOKS}${style}</style>
`;
}

export const DOCUMENT_END = '</html>\n';
