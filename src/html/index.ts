export { DOCUMENT_END, documentStart, htmlDocument } from './document.js';
export { escapeHtml } from './escape-html.js';
export { htmlTable } from './table.js';
