import { LegendaError } from '../errors.js';
import { allowedPath, findRoots, type Roots } from './allowed-path.js';
import type { CaptionJobImage } from './contract.js';
import { download, tooLarge } from './download.js';
import { orAborted } from './or-aborted.js';
import type { BatchImage } from './shared-batches.js';

export interface ImageSourceOptions {
  /** Folders whose files may be read. @defaultValue none */
  readonly roots?: readonly string[];
  /** Whether http and https addresses may be fetched. @defaultValue false */
  readonly allowUrls?: boolean;
  /** Whether addresses of this machine and of private networks may be fetched too. @defaultValue false */
  readonly allowPrivateAddresses?: boolean;
  /** The most bytes of an image that is fetched or sent. @defaultValue 20 MiB */
  readonly mostBytes?: number;
  /** How long fetching an image may take, milliseconds. @defaultValue 15,000 */
  readonly timeout?: number;
}

/** Fetched images that are in memory at once, of all jobs: with the most bytes of each, 640 MiB. */
const MOST_FETCHED = 32;

/** Where the images of jobs and requests come from, and what of it is allowed. */
export class ImageSources {
  private readonly waiting: (() => void)[] = [];
  private fetched = 0;

  private constructor(
    private readonly options: Required<Omit<ImageSourceOptions, 'roots'>>,
    private readonly roots: Roots,
  ) {}

  /** @throws `USAGE` for a root that there is not. */
  static async open(options: ImageSourceOptions = {}): Promise<ImageSources> {
    const { allowUrls = false, allowPrivateAddresses = false } = options;
    const { mostBytes = 20 * 1024 ** 2, timeout = 15_000 } = options;
    const roots = await findRoots(options.roots ?? []);
    return new ImageSources({ allowUrls, allowPrivateAddresses, mostBytes, timeout }, roots);
  }

  /**
   * An image as a batch takes it; opened, it gives the file's real path or the image's bytes, or throws `PATH_FORBIDDEN`,
   * `URL_FORBIDDEN`, `DOWNLOAD_FAILED`, `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE` or `IMAGE_TOO_LARGE`.
   */
  image(image: CaptionJobImage): BatchImage {
    const name = imageName(image);
    if ('path' in image) return { name, open: () => allowedPath(image.path, this.roots) };
    if ('url' in image) {
      return { name, open: (signal) => this.fetch(image.url, signal), close: () => this.leave() };
    }
    return { name, open: () => this.decode(image.base64) };
  }

  private decode(base64: string): Uint8Array {
    const { mostBytes } = this.options;
    // Four characters are three bytes.
    if ((base64.length / 4) * 3 > mostBytes + 2) throw tooLarge('base64', mostBytes);
    return Buffer.from(base64, 'base64');
  }

  private async fetch(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const { allowUrls, allowPrivateAddresses: allowPrivate, mostBytes, timeout } = this.options;
    if (!allowUrls) {
      throw new LegendaError('URL_FORBIDDEN', {
        expected: 'a path or base64',
        received: 'a url',
        advice: 'start the worker with --allow-urls',
      });
    }
    await this.enter(signal);
    try {
      return await download(url, { mostBytes, timeout, allowPrivate, signal });
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  private async enter(signal: AbortSignal): Promise<void> {
    while (this.fetched >= MOST_FETCHED) {
      await orAborted(new Promise<void>((resolve) => this.waiting.push(resolve)), signal);
    }
    this.fetched++;
  }

  private leave(): void {
    this.fetched--;
    // One that has gone meanwhile must not keep the place from the others.
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** What an image's row calls it. */
export function imageName(image: CaptionJobImage): string {
  if (image.id !== undefined) return image.id;
  if ('path' in image) return image.path;
  return 'url' in image ? image.url : 'bytes';
}
