import { Command, Option } from 'commander';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import type { CaptionRow, Evaluation } from '../captioner/index.js';
import type { Example, Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { writeFileAtomically } from '../write-atomically.js';
import { addDatasetOptions, type DatasetFlags, datasetOptions } from './dataset-options.js';
import { interruptible } from './interruption.js';
import { collect } from './option-values.js';
import { startProgress } from './progress.js';
import { addSearchOptions, inFlags, type SearchFlags, searchOptions } from './search-options.js';

/** What came of an image. */
interface Evaluated {
  readonly row: CaptionRow;
  readonly example: Example;
}

interface EvaluateFlags extends SearchFlags, DatasetFlags {
  readonly model: string;
  readonly split: Split;
  readonly output?: string;
  readonly json?: string;
  readonly report?: string;
  readonly text: readonly string[];
}

const HELP = `
Scores are those of the COCO caption evaluation, by its own tokenisation: BLEU-1 to 4, ROUGE-L, CIDEr-D; METEOR without synonyms
and paraphrases. Besides: how long captions are, how unlike each other, how many are new. docs/metrics.md tells what each is.

Examples:
  $ legenda evaluate flickr8k/ --split dev
  $ legenda evaluate my-photos/ --model run/model --output captions.jsonl --json scores.json
  $ legenda evaluate my-photos/ --report how-good     (then open how-good/evaluation.html)`;

/** `legenda evaluate <dataset>`: how good a model is on pictures with captions. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('Captions a data set and scores the captions against its own.')
    .argument('<dataset>', 'a data set in any format that train reads')
    .addOption(
      new Option('-m, --model <folder>', 'the model').default(
        DEFAULT_MODEL,
        'the one that comes with Legenda',
      ),
    )
    .addOption(
      new Option('--split <split>', 'which images').choices(['train', 'dev', 'test']).default('test'),
    )
    .option('-o, --output <file>', 'write the captions, one JSON line an image, with references and scores')
    .option('--json <file>', 'write the scores as JSON')
    .option(
      '--report <folder>',
      'write a page of the scores and of the best, the worst and random images, with where the model looked',
    )
    .option(
      '--text <file>',
      "captions that the model has read beside the data set's train split, for the share of new ones; repeatable",
      collect,
      [],
    );
  return addSearchOptions(addDatasetOptions(command)).addHelpText('after', HELP).action(runEvaluate);
}

async function runEvaluate(path: string, flags: EvaluateFlags): Promise<void> {
  const { readDataset } = await import('../datasets/index.js');
  const { evaluateCaptioner, isCaptioned, loadCaptioner } = await import('../captioner/index.js');
  const { meteorVariant } = await import('../metrics/index.js');
  const { requireReportFolder, writeEvaluationReport } = await import('../evaluation-report/index.js');
  if (flags.report !== undefined) await requireReportFolder(flags.report);
  const { examples, dropped } = await readDataset(path, datasetOptions(flags));
  const chosen = examples.filter(({ split }) => split === flags.split);
  if (chosen.length === 0) {
    const splits = [...new Set(examples.map(({ split }) => split))].join(', ');
    throw new LegendaError('NO_IMAGES', {
      expected: `images of split ${flags.split} in ${path}`,
      received: `only ${splits}`,
      advice: 'choose another with --split',
    });
  }
  const captioner = await loadCaptioner(flags.model);
  const progress = startProgress(process.stderr.isTTY === true);
  progress.setTotal(chosen.length);
  const images: Evaluated[] = [];
  const options = { ...searchOptions(flags), signal: interruptible() };
  const evaluation = await evaluateCaptioner(captioner, chosen, options, (row, example) => {
    progress.advance();
    if ('error' in row) progress.say(`${row.image}: ${row.error.message} [${row.error.code}]`);
    images.push({ row, example });
  })
    .catch((error) => {
      throw inFlags(error);
    })
    .finally(() => progress.stop());
  if (flags.output !== undefined) await writeFileAtomically(flags.output, withScores(images, evaluation));
  const captions = images.flatMap(({ row }) => (isCaptioned(row) ? [row.caption] : []));
  const figures = {
    ...summary(evaluation),
    meteorVariant: meteorVariant(captioner.language),
    novelCaptions: rounded(await shareOfNew(captions, examples, flags.text, captioner.language)),
  };
  const scores = {
    dataset: path,
    split: flags.split,
    model: captioner.model,
    ...figures,
    lengths: evaluation.lengths.histogram,
  };
  if (flags.json !== undefined) await writeFileAtomically(flags.json, `${JSON.stringify(scores, null, 2)}\n`);
  if (flags.report !== undefined) {
    const found = { dataset: path, split: flags.split, figures, evaluation, images, dropped };
    await writeEvaluationReport(flags.report, captioner, found, options);
  }
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}\t${value}\n`);
  await captioner.close();
  process.exitCode = evaluation.failed > 0 ? 1 : 0;
}

/**
 * The share of captions that stand neither in the train split nor in the files of captions.
 * @param texts their paths.
 */
async function shareOfNew(
  captions: readonly string[],
  examples: readonly Example[],
  texts: readonly string[],
  language: string,
): Promise<number> {
  const { readTextCaptions } = await import('../datasets/index.js');
  const { captionKey, shareOfNovelCaptions } = await import('../metrics/index.js');
  const read = new Set<string>();
  for (const example of examples) {
    if (example.split === 'train')
      for (const caption of example.captions) read.add(captionKey(caption, language));
  }
  for (const path of texts) {
    for (const group of await readTextCaptions(path))
      for (const caption of group) read.add(captionKey(caption, language));
  }
  return shareOfNovelCaptions(captions, read, language);
}

/** To four digits. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** The figures to quote, to four digits. */
function summary(evaluation: Evaluation): Record<string, number> {
  const { metrics, lengths, calibration, failed, wordsUsed } = evaluation;
  const [bleu1, bleu2, bleu3, bleu4] = metrics.bleu;
  const { rougeL, meteor, ciderD, images, distinctCaptions } = metrics;
  const { exactMatches, distinctWords, distinctPairs, vocabularyUsed } = evaluation;
  const { mean: meanLength, deviation: lengthDeviation } = lengths;
  const roundedAll = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
  return {
    images,
    failed,
    ...roundedAll({ bleu1, bleu2, bleu3, bleu4, rougeL, meteor, ciderD, exactMatches }),
    ...roundedAll({ meanLength, lengthDeviation, calibrationError: calibration.error }),
    ...(calibration.separation === undefined ? {} : { separation: rounded(calibration.separation) }),
    distinctCaptions,
    ...roundedAll({ distinctWords, distinctPairs }),
    wordsUsed,
    vocabularyUsed: rounded(vocabularyUsed),
  };
}

/** The rows as JSON lines, each with its image's references and scores. */
function withScores(images: readonly Evaluated[], { metrics }: Evaluation): string {
  const scores = new Map(metrics.perImage.map(({ id, ...scores }) => [id, scores]));
  return images
    .map(({ row, example: { id, captions: references } }) => {
      return `${JSON.stringify({ id, ...row, references, scores: scores.get(id) })}\n`;
    })
    .join('');
}
