import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Captioner, CaptionRow, View } from '../captioner/index.js';
import { asLegendaError, LegendaError } from '../errors.js';
import type { DecodedImage } from '../images/index.js';
import { AtomicFile, isLeftover, unwritable, writeFileAtomically } from '../write-atomically.js';
import { captionBody, noteBody, PAGE_END, pageStart, photoSection } from './page.js';
import { jpegOf, photoName, readPhoto } from './photo.js';
import { stripOf } from './strip.js';

const PAGE = 'index.html';

/**
 * A folder that shows where a model looked for each word of its captions: `index.html`, and for each photo, numbered in their
 * order, itself as a JPEG and a PNG for each of its captions. Photos are written as they come and then forgotten; the page
 * takes its place when it is closed.
 */
export class Explanation {
  private photos = 0;

  private constructor(
    private readonly folder: string,
    private readonly view: View,
    private readonly page: AtomicFile,
  ) {}

  /**
   * @throws `USAGE` for a folder that holds something, unless `overwrite`; `OUTPUT_UNWRITABLE`; `BUNDLE_VERSION` as
   *   `captioner.view`.
   */
  static async open(
    folder: string,
    captioner: Pick<Captioner, 'model' | 'view'>,
    { overwrite }: { readonly overwrite: boolean },
  ): Promise<Explanation> {
    const { view } = captioner;
    const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw unwritable(folder, error);
    });
    if (found.some((name) => !isLeftover(name)) && !overwrite) {
      throw new LegendaError('USAGE', {
        expected: 'a folder for --explain that is new or empty',
        received: folder,
        advice: 'choose another, or add --overwrite to write over what has the same names',
      });
    }
    const page = await AtomicFile.open(join(folder, PAGE));
    await page.write(pageStart(captioner.model));
    return new Explanation(folder, view, page);
  }

  /**
   * Shows what a row says; its captions need their words.
   * @returns why the photo cannot be shown, if it can no longer be read. @throws `OUTPUT_UNWRITABLE`.
   */
  async add(row: CaptionRow): Promise<LegendaError | undefined> {
    const number = ++this.photos;
    if ('error' in row) return this.note(row.image, row.error.message);
    if (row.caption === null) return this.note(row.image, `no caption: ${row.reason}`);
    let photo: DecodedImage;
    try {
      photo = await readPhoto(row.image);
    } catch (error) {
      await this.note(row.image, asLegendaError(error).message);
      return asLegendaError(error);
    }
    const name = photoName(number, row.image);
    await writeFileAtomically(join(this.folder, `${name}.jpg`), await jpegOf(photo));
    let body = '';
    for (const [index, caption] of row.captions.entries()) {
      const strip = `${name}${index === 0 ? '' : `-${index + 1}`}.png`;
      await writeFileAtomically(join(this.folder, strip), await stripOf(photo, caption, this.view));
      body += await captionBody(caption, `${name}.jpg`, this.view, photo);
    }
    await this.page.write(photoSection(row.image, body));
    return undefined;
  }

  /** Puts the page in place. @throws `OUTPUT_UNWRITABLE`. */
  async close(): Promise<void> {
    await this.page.write(PAGE_END);
    await this.page.commit();
  }

  /** Leaves no page; the photos that were shown stay. */
  async discard(): Promise<void> {
    await this.page.discard();
  }

  private async note(image: string, text: string): Promise<undefined> {
    await this.page.write(photoSection(image, noteBody(text)));
  }
}
