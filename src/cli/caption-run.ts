import { rm } from 'node:fs/promises';
import {
  type CaptionedRow,
  type Captioner,
  type CaptionRow,
  isCaptioned,
  loadCaptioner,
  type WithheldRow,
} from '../captioner/index.js';
import { asLegendaError, LegendaError } from '../errors.js';
import type { Explanation } from '../explain/index.js';
import type { FoundImage } from '../images/index.js';
import type { CaptionFlags } from './caption-flags.js';
import { type RowFormat, rowFormat } from './caption-formats.js';
import { fileOutput, type RowOutput, standardOutput } from './caption-output.js';
import { outputClosedSignal } from './closed-streams.js';
import type { Format } from './format-names.js';
import { listImages, STANDARD_INPUT } from './image-list.js';
import { INTERRUPTED, Interrupted, interruptible } from './interruption.js';
import { type Progress, startProgress } from './progress.js';
import { errorLine } from './report-error.js';
import { inFlags, searchOptions } from './search-options.js';
import { hasSidecar, sidecarOf, writeSidecar } from './sidecar.js';
import { inspectOutput, NOTHING_WRITTEN, type Written } from './written-rows.js';

/** What became of the images. */
interface Tally {
  captioned: number;
  failed: number;
  /** Left without a caption: the model was not sure enough. */
  withheld: number;
  /** Captioned by an earlier run. */
  skipped: number;
  /** Captioned, but the sidecar that was there was left as it is. */
  kept: number;
}

/**
 * Does `legenda caption`.
 * @returns the exit code: 0, 1 if an image failed, 130 if interrupted.
 * @throws `OUTPUT_UNWRITABLE`, `NO_IMAGES`, and what `loadCaptioner` and the captioner throw.
 */
export async function runCaption(paths: readonly string[], options: CaptionFlags): Promise<number> {
  const { output: file, resume } = options;
  const format = options.format ?? formatOf(file);
  const rows = rowFormat(format, options.top);
  const written = file === undefined ? NOTHING_WRITTEN : await inspectOutput(file, rows, options);
  const signal = AbortSignal.any([interruptible(), outputClosedSignal]);
  const captioner = await loadCaptioner(options.model);

  const tally: Tally = { captioned: 0, failed: 0, withheld: 0, skipped: 0, kept: 0 };
  const progress = startProgress(drawsBar(options));
  void countImages(paths, options, progress);
  const remaining = async function* (): AsyncGenerator<FoundImage, void, undefined> {
    for await (const image of listImages(paths, options)) {
      const done =
        file === undefined
          ? resume && (await hasSidecar(image.path))
          : written.done.has(rows.key(image.path));
      if (!done) yield image;
      else {
        tally.skipped++;
        progress.advance();
      }
    }
  };
  const captioned = caption(captioner, remaining(), options, signal);
  const explanation = await openExplanation(options, captioner);
  const output = await openOutput(options, rows, written, signal).catch(async (error) => {
    await explanation?.discard();
    throw error;
  });
  if (written.rest !== '') {
    progress.say(
      `legenda: ${file} ended within a line, which is taken away: ${JSON.stringify(written.rest)}`,
    );
  }
  try {
    for await (const row of captioned) {
      const unseen = await explanation?.add(row);
      const failure = ('error' in row ? row.error : await keepSidecar(row, options, tally)) ?? unseen;
      await output.write(row);
      if (failure !== undefined) tally.failed++;
      else if (isCaptioned(row)) tally.captioned++;
      else tally.withheld++;
      const elsewhere = format !== 'text' && 'error' in row;
      if (failure !== undefined && !elsewhere) progress.say(errorLine(failure));
      progress.advance();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.stop();
    // Both, also where one fails.
    await output.close().finally(() => explanation?.close());
  }
  if (signal.reason instanceof Interrupted) {
    const advice = file === undefined ? '' : '; go on with --resume';
    progress.say(`legenda: interrupted, ${summary(tally)}${advice}`);
    return INTERRUPTED;
  }
  return finish(tally, paths, progress);
}

function caption(
  captioner: Captioner,
  images: AsyncIterable<FoundImage>,
  options: CaptionFlags,
  signal: AbortSignal,
): AsyncIterable<CaptionRow> {
  try {
    return captioner.captionAll(images, {
      ...searchOptions(options),
      top: options.top,
      batchSize: options.batch,
      minimumConfidence: options.minConfidence,
      attention: options.explain === undefined ? undefined : true,
      signal,
    });
  } catch (error) {
    throw inFlags(error);
  }
}

function formatOf(file: string | undefined): Format {
  if (file === undefined) return 'text';
  if (/\.(?:jsonl|ndjson)$/i.test(file)) return 'jsonl';
  return /\.csv$/i.test(file) ? 'csv' : 'text';
}

/** Where rows go. @throws `OUTPUT_UNWRITABLE`. */
async function openOutput(
  { output }: CaptionFlags,
  rows: RowFormat,
  written: Written,
  signal: AbortSignal,
): Promise<RowOutput> {
  return output === undefined ? standardOutput(rows, signal) : fileOutput(output, rows, written);
}

/** Where it is shown where the model looked, if that is asked for. */
async function openExplanation(
  { explain, overwrite }: CaptionFlags,
  captioner: Captioner,
): Promise<Explanation | undefined> {
  if (explain === undefined) return undefined;
  const { Explanation } = await import('../explain/index.js');
  return Explanation.open(explain, captioner, { overwrite });
}

/** A bar tells a person how far the work is; captions on the same terminal tell it better. */
function drawsBar({ output }: CaptionFlags): boolean {
  return process.stderr.isTTY && (output !== undefined || !process.stdout.isTTY);
}

/** Finds out, beside the work, how much there is of it. */
async function countImages(
  paths: readonly string[],
  options: CaptionFlags,
  progress: Progress,
): Promise<void> {
  if (!drawsBar(options) || paths.includes(STANDARD_INPUT)) return;
  let total = 0;
  for await (const _ of listImages(paths, options)) total++;
  progress.setTotal(total);
}

/** Writes the image's sidecar, if asked for. @returns what went wrong. */
async function keepSidecar(
  row: CaptionedRow | WithheldRow,
  { write, overwrite }: CaptionFlags,
  tally: Tally,
): Promise<LegendaError | undefined> {
  if (write !== 'sidecar') return undefined;
  try {
    if (!isCaptioned(row)) {
      // The one of an earlier run would pass for what was left out now.
      if (overwrite) await rm(sidecarOf(row.image), { force: true });
    } else if (!(await writeSidecar(row, overwrite))) tally.kept++;
    return undefined;
  } catch (error) {
    return asLegendaError(error);
  }
}

function summary({ captioned, failed, withheld, skipped }: Tally): string {
  const parts = [`${captioned} captioned`];
  if (withheld > 0) parts.push(`${withheld} left without a caption, below --min-confidence`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} done before`);
  return parts.join(', ');
}

/** Says what became of the images, where the captions alone do not. @returns the exit code. */
function finish(tally: Tally, paths: readonly string[], progress: Progress): number {
  const { captioned, failed, withheld, skipped, kept } = tally;
  const all = captioned + failed + withheld + skipped;
  if (all === 0 && !paths.includes(STANDARD_INPUT) && !outputClosedSignal.aborted) {
    throw new LegendaError('NO_IMAGES', {
      received: paths.join(', '),
      advice: 'add --recursive to look into sub-folders',
    });
  }
  if (all > 1 || withheld > 0) progress.say(`legenda: ${summary(tally)}`);
  if (kept > 0) {
    progress.say(`legenda: ${kept} left the sidecar that was there as it is; --overwrite replaces it`);
  }
  return failed > 0 ? 1 : 0;
}
