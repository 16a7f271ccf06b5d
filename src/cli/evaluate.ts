import { Command, Option } from 'commander';
import { DEFAULT_MODEL } from '../captioner/default-model.js';
import type { Evaluation } from '../captioner/index.js';
import type { Split } from '../datasets/index.js';
import { LegendaError } from '../errors.js';
import { writeFileAtomically } from '../write-atomically.js';
import { interruptible } from './interruption.js';
import { startProgress } from './progress.js';
import { addSearchOptions, inFlags, type SearchFlags, searchOptions } from './search-options.js';

interface EvaluateFlags extends SearchFlags {
  readonly model: string;
  readonly split: Split;
  readonly format?: string;
  readonly output?: string;
  readonly json?: string;
}

const HELP = `
Scores are those of the COCO caption evaluation, by its own tokenisation: BLEU-1 to 4, ROUGE-L, CIDEr-D.

Examples:
  $ legenda evaluate flickr8k/ --split dev
  $ legenda evaluate my-photos/ --model run/model --output captions.jsonl --json scores.json`;

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
    .option('--format <name>', 'format of the data set (recognised by itself)')
    .option('-o, --output <file>', 'write the captions, one JSON line an image, with references and scores')
    .option('--json <file>', 'write the scores as JSON');
  return addSearchOptions(command).addHelpText('after', HELP).action(runEvaluate);
}

async function runEvaluate(path: string, flags: EvaluateFlags): Promise<void> {
  const { readDataset } = await import('../datasets/index.js');
  const { evaluateCaptioner, loadCaptioner } = await import('../captioner/index.js');
  const { examples } = await readDataset(path, flags.format === undefined ? {} : { format: flags.format });
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
  const rows: object[] = [];
  const evaluation = await evaluateCaptioner(
    captioner,
    chosen,
    {
      ...searchOptions(flags),
      signal: interruptible(),
    },
    (row, example) => {
      progress.advance();
      if ('error' in row) progress.say(`${row.image}: ${row.error.message} [${row.error.code}]`);
      rows.push({ id: example.id, ...row, references: example.captions });
    },
  )
    .catch((error) => {
      throw inFlags(error);
    })
    .finally(() => progress.stop());
  if (flags.output !== undefined) await writeFileAtomically(flags.output, withScores(rows, evaluation));
  const scores = { dataset: path, split: flags.split, model: captioner.model, ...summary(evaluation) };
  if (flags.json !== undefined) await writeFileAtomically(flags.json, `${JSON.stringify(scores, null, 2)}\n`);
  for (const [name, value] of Object.entries(summary(evaluation)))
    process.stdout.write(`${name}\t${value}\n`);
  await captioner.close();
  process.exitCode = evaluation.failed > 0 ? 1 : 0;
}

/** The figures to quote, to four digits. */
function summary({
  metrics,
  wordsUsed,
  meanLength,
  exactMatches,
  failed,
}: Evaluation): Record<string, number> {
  const [bleu1, bleu2, bleu3, bleu4] = metrics.bleu;
  const { rougeL, ciderD, images, distinctCaptions } = metrics;
  const scores = { bleu1, bleu2, bleu3, bleu4, rougeL, ciderD, exactMatches, meanLength };
  const rounded = Object.entries(scores).map(([name, value]) => [name, Math.round(value * 1e4) / 1e4]);
  return { images, failed, ...Object.fromEntries(rounded), distinctCaptions, wordsUsed };
}

/** The rows as JSON lines, each with its image's scores. */
function withScores(rows: readonly object[], { metrics }: Evaluation): string {
  const scores = new Map(metrics.perImage.map(({ id, ciderD, rougeL }) => [id, { ciderD, rougeL }]));
  return rows
    .map((row) => `${JSON.stringify({ ...row, scores: scores.get((row as { id: string }).id) })}\n`)
    .join('');
}
