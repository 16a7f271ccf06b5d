// All captions as a file.

/** @typedef {import('./photo.js').Photo} Photo */

/** @type {Readonly<Record<string, { type: string, write: (photos: readonly Photo[]) => string }>>} */
const FORMATS = {
  jsonl: { type: 'application/jsonl', write: jsonLines },
  csv: { type: 'text/csv', write: csv },
  html: { type: 'text/html', write: altText },
};

/** @param {readonly Photo[]} photos @param {string} format a key of {@link FORMATS} */
export function download(photos, format) {
  const chosen = FORMATS[format];
  if (chosen === undefined) throw new Error(`there is no format ${format}`);
  const text = chosen.write(photos.filter(({ state }) => state !== 'waiting'));
  const address = URL.createObjectURL(new Blob([text], { type: `${chosen.type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `captions.${format}`;
  link.click();
  // The browser reads it after this returns.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The rows as the command line writes them, corrected where they were. @param {readonly Photo[]} photos */
function jsonLines(photos) {
  return photos
    .map((photo) => {
      const { name, row, text, corrected, problem } = photo;
      if (row === undefined || 'error' in row) {
        const error = row?.error ?? { code: 'REQUEST_FAILED', message: problem };
        return JSON.stringify({ image: name, error });
      }
      return JSON.stringify({ ...row, image: name, ...(corrected ? { caption: text, corrected } : {}) });
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** The columns of the command line, and whether a caption was corrected. @param {readonly Photo[]} photos */
function csv(photos) {
  const rows = photos.map(({ name, text, confidence, corrected, state, row, problem }) => {
    const failed = state === 'failed';
    const code = failed && row !== undefined && 'error' in row ? row.error.code : '';
    return [name, failed ? '' : text, confidence ?? '', code, failed ? problem : '', corrected ? 'yes' : ''];
  });
  const header = ['image', 'caption', 'confidence', 'error_code', 'error_message', 'corrected'];
  return [header, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

/** @param {string | number} value */
function csvField(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An `img` with alternative text for each photo, to be pasted or opened beside them. @param {readonly Photo[]} photos */
function altText(photos) {
  const figures = photos
    .filter(({ state }) => state === 'done')
    .map(({ name, text }) => {
      const source = name.split('/').map(encodeURIComponent).join('/');
      return `<figure><img src="${source}" alt="${escapeHtml(text)}"><figcaption>${escapeHtml(text)}</figcaption></figure>`;
    });
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Captions</title>\n${figures.join('\n')}\n</html>\n`;
}

/** @param {string} text */
function escapeHtml(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
