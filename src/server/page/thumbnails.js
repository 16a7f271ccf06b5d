// Small pictures of photos, made from the local files when they come near the screen.

/** @typedef {import('./photo.js').Photo} Photo */

/** Pixels of the shorter side that a card needs on a fine screen. */
const SIDE = 480;
/** Decoded at once: a phone's photo takes 50 MB while it is. */
const AT_ONCE = 3;

/** @type {(() => Promise<void>)[]} */
const waiting = [];
let underWay = 0;

/**
 * Makes a photo's thumbnail.
 * @param {Photo} photo
 * @returns {Promise<string | undefined>} its address; undefined where the browser cannot read it
 */
export function thumbnailOf(photo) {
  return new Promise((resolve) => {
    waiting.push(async () => {
      photo.thumbnail ??= await shrink(photo.file).catch(() => undefined);
      resolve(photo.thumbnail);
    });
    void next();
  });
}

async function next() {
  if (underWay === AT_ONCE) return;
  const make = waiting.shift();
  if (make === undefined) return;
  underWay++;
  await make();
  underWay--;
  void next();
}

/** @param {File} file */
async function shrink(file) {
  const whole = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.min(whole.width, whole.height));
  const canvas = new OffscreenCanvas(Math.ceil(whole.width * scale), Math.ceil(whole.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('there is no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.82 }));
}
