import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Captioner,
  type CaptionOptions,
  type CaptionRow,
  type CaptionWord,
  type Evaluation,
  isCaptioned,
} from '../captioner/index.js';
import type { Example } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { jpegOf, MAP_CHOICE, photoName, readPhoto, wordFigures } from '../explain/index.js';
import { describeLengths } from '../metrics/index.js';
import { isLeftover, unwritable, writeFolderAtomically } from '../write-atomically.js';
import { chooseImages, type ScoredImage } from './chosen-images.js';
import { charts, figuresTable, imageArticle, leftOutList, reportPage, type Section } from './page.js';

const PAGE = 'evaluation.html';
const PHOTO = /^\d{4,}-\w[\w-]*\.jpg$/;

/** What `evaluateCaptioner` found. */
export interface EvaluationToReport {
  readonly dataset: string;
  readonly split: string;
  /** As they are to be written. */
  readonly figures: Readonly<Record<string, number | string>>;
  readonly evaluation: Evaluation;
  /** All images that were evaluated, in their order. */
  readonly images: readonly { readonly row: CaptionRow; readonly example: Example }[];
  /** What the reader of the data set left out. */
  readonly dropped: readonly { readonly id: string; readonly reason: string }[];
}

/** @throws `USAGE` for a folder that holds anything but an earlier report; `OUTPUT_UNWRITABLE`. */
export async function requireReportFolder(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw unwritable(folder, error);
  });
  const other = found.find((name) => name !== PAGE && !PHOTO.test(name) && !isLeftover(name));
  if (other === undefined && (found.length === 0 || found.includes(PAGE))) return;
  throw new LegendaError('USAGE', {
    expected: 'a folder for --report that is new or empty, or holds an earlier report',
    received: `${folder}, which holds ${other ?? found[0]}`,
    advice: 'choose another',
  });
}

/**
 * Writes a folder with a page, `evaluation.html`, of a model's figures, its best, its worst and some random captions with
 * where it looked, and what could not be captioned. It takes the place of an earlier report when it is complete.
 * @param options as for the evaluation: the images on the page are captioned once more, to see where the model looks.
 * @throws as {@link requireReportFolder}; the signal's reason when it is aborted.
 */
export async function writeEvaluationReport(
  folder: string,
  captioner: Captioner,
  report: EvaluationToReport,
  options: CaptionOptions = {},
): Promise<void> {
  await requireReportFolder(folder);
  const { best, worst, random } = chooseImages(scoredImages(report));
  const attention = await attentionOf([...best, ...worst, ...random], captioner, options);
  await writeFolderAtomically(folder, async (place) => {
    const articles = new Map<ScoredImage, string>();
    for (const image of new Set([...best, ...worst, ...random])) {
      const number = articles.size + 1;
      articles.set(image, await writeImage(place, number, image, attention.get(image.row.image), captioner));
    }
    const bodyOf = (images: readonly ScoredImage[]) => images.map((image) => articles.get(image)).join('');
    const { dataset, split, figures, evaluation } = report;
    const sections: Section[] = [
      { id: 'figures', title: 'Figures', body: figuresTable(figures) },
      { id: 'charts', title: 'At a glance', body: charts(evaluation, lengthsOfPeople(report, captioner)) },
      { id: 'best', title: 'Best', body: `${captioner.looksAgain ? MAP_CHOICE : ''}${bodyOf(best)}` },
      { id: 'worst', title: 'Worst', body: bodyOf(worst) },
      { id: 'random', title: 'Random', body: bodyOf(random) },
      { id: 'left-out', title: 'In no figure', body: leftOutList(leftOut(report)) },
    ];
    const title = `How good ${captioner.model} is`;
    const about = `${evaluation.metrics.images} images of ${dataset}, split ${split}. Images by CIDEr-D; the random ones are the same in every run.`;
    const filled = sections.filter(({ body }) => body !== '');
    await writeFile(join(place, PAGE), reportPage(title, about, filled));
  });
}

function scoredImages({ images, evaluation }: EvaluationToReport): ScoredImage[] {
  const captioned = images.flatMap(({ row, example }) => (isCaptioned(row) ? [{ row, example }] : []));
  return captioned.map((image, index) => {
    const scores = evaluation.metrics.perImage[index];
    if (scores === undefined) throw new RangeError(`no scores of image ${index}`);
    return { ...image, scores };
  });
}

/** Where the model looked, by the images' paths; nothing for those where it now says something else. */
async function attentionOf(
  images: readonly ScoredImage[],
  captioner: Captioner,
  options: CaptionOptions,
): Promise<ReadonlyMap<string, readonly CaptionWord[]>> {
  const words = new Map<string, readonly CaptionWord[]>();
  if (!captioner.looksAgain) return words;
  const captions = new Map(images.map(({ row }) => [row.image, row.caption]));
  for (const row of await captioner.caption([...captions.keys()], { ...options, attention: true })) {
    if (!isCaptioned(row) || row.caption !== captions.get(row.image)) continue;
    words.set(row.image, row.captions[0]?.words ?? []);
  }
  return words;
}

/** Writes the photo. @returns what the page shows of it, HTML. */
async function writeImage(
  folder: string,
  number: number,
  image: ScoredImage,
  words: readonly CaptionWord[] | undefined,
  captioner: Captioner,
): Promise<string> {
  const photo = await readPhoto(image.row.image).catch(() => undefined);
  if (photo === undefined) return imageArticle(image, undefined, '', captioner.language);
  const name = `${photoName(number, image.row.image)}.jpg`;
  await writeFile(join(folder, name), await jpegOf(photo));
  const maps = words === undefined ? '' : await wordFigures({ words }, name, captioner.view, photo);
  return imageArticle(image, name, maps, captioner.language);
}

/** How many of people's captions have each number of words, of the images that were captioned. */
function lengthsOfPeople({ images }: EvaluationToReport, { vocabulary }: Captioner): readonly number[] {
  const captions = images.flatMap(({ row, example }) => (isCaptioned(row) ? example.captions : []));
  return describeLengths(captions.map((caption) => vocabulary.writing.tokenise(caption).length)).histogram;
}

function leftOut({ images, dropped }: EvaluationToReport): { id: string; reason: string }[] {
  const failed = images.flatMap(({ row, example }) =>
    'error' in row ? [{ id: example.id, reason: `${row.error.message} [${row.error.code}]` }] : [],
  );
  return [...failed, ...dropped];
}
