// Photos out of what a person chose or dropped, folders opened.
import { Photo } from './photo.js';

const EXTENSIONS = /\.(jpe?g|jpe|jfif|png|webp|avif|hei[cf]|gif|tiff?)$/i;

/** @param {Iterable<File>} files of an input @returns {Photo[]} */
export function photosOf(files) {
  return inOrder([...files].map((file) => new Photo(file, file.webkitRelativePath || file.name)));
}

/** @param {DataTransfer} dropped @returns {Promise<Photo[]>} */
export async function photosIn(dropped) {
  // The list is emptied as soon as this function first waits.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return inOrder((await Promise.all(entries.map(open))).flat());
}

/** @param {FileSystemEntry} entry @returns {Promise<Photo[]>} */
async function open(entry) {
  if (entry.isFile) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    /** @type {File | undefined} */
    const opened = await new Promise((resolve, reject) => file.call(entry, resolve, reject)).catch(
      () => undefined,
    );
    return opened === undefined ? [] : [new Photo(opened, entry.fullPath.replace(/^\//, ''))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    // A folder is listed a hundred entries at a time.
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => []);
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(open))).flat());
  }
}

/** Those that are images by their name or type, as a person would list them. @param {Photo[]} photos */
function inOrder(photos) {
  const order = new Intl.Collator(undefined, { numeric: true });
  return photos
    .filter(({ file, name }) => EXTENSIONS.test(name) || file.type.startsWith('image/'))
    .sort((a, b) => order.compare(a.name, b.name));
}
