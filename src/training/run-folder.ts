import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LegendaError } from '../errors.js';
import type { Weights } from '../weights.js';
import { writeWeightsFile } from '../weights-file.js';
import { orUnwritable, recoverFolders, writeFileAtomically } from '../write-atomically.js';
import type { ModelWeights } from './caption-model.js';
import { type Checkpoint, latestCheckpoint, removeOldCheckpoints, writeCheckpoint } from './checkpoint.js';
import type { StepReport } from './progress.js';

/** A line of the log. */
export interface LoggedStep
  extends Pick<StepReport, 'stage' | 'step' | 'loss' | 'gradientNorm' | 'learningRate' | 'imagesPerSecond'> {
  readonly totalSteps: number;
}

/** The folder of a training run: where each of its files is. */
export class RunFolder {
  readonly checkpoints: string;
  /** The checkpoint with the best dev score. */
  readonly best: string;
  readonly model: string;
  readonly features: string;
  readonly brokenImages: string;
  /** The encoder's weights when stage `endToEnd` began, where a resumed run needs them. */
  readonly originalEncoder: string;
  private readonly logFile: string;
  private readonly reportFile: string;
  private readonly reportPage: string;

  private constructor(folder: string) {
    this.checkpoints = join(folder, 'checkpoints');
    this.best = join(folder, 'best');
    this.model = join(folder, 'model');
    this.features = join(folder, 'features');
    this.brokenImages = join(folder, 'broken-images.json');
    this.originalEncoder = join(folder, 'original-encoder.safetensors');
    this.logFile = join(folder, 'log.jsonl');
    this.reportFile = join(folder, 'report.json');
    this.reportPage = join(folder, 'report.html');
  }

  /** @throws `OUTPUT_UNWRITABLE` when it holds a run that would be written over. */
  static async open(folder: string, resume: boolean): Promise<RunFolder> {
    const run = new RunFolder(folder);
    await mkdir(run.checkpoints, { recursive: true }).catch((cause) => {
      throw new LegendaError('OUTPUT_UNWRITABLE', {
        expected: 'a folder for the run',
        received: folder,
        cause,
      });
    });
    // What a killed process had taken away to replace it.
    for (const directory of [folder, run.checkpoints]) await recoverFolders(directory);
    if (!resume && (await latestCheckpoint(run.checkpoints)) !== undefined) {
      throw new LegendaError('OUTPUT_UNWRITABLE', {
        expected: 'a folder without a training run',
        received: folder,
        advice: 'go on from its last checkpoint with --resume, or name another folder',
      });
    }
    return run;
  }

  /** @throws `TRAINING_DIVERGED` rather than put useless weights in the place of good ones. */
  async save(checkpoint: Checkpoint): Promise<void> {
    requireFinite(checkpoint.model);
    const name = String(checkpoint.progress.totalSteps).padStart(8, '0');
    await writeCheckpoint(join(this.checkpoints, name), checkpoint);
    await removeOldCheckpoints(this.checkpoints);
  }

  /** Does what saving does, and leaves nothing: to see how long it takes. */
  async rehearseSaving(checkpoint: Checkpoint): Promise<void> {
    const folder = `${this.best}-rehearsed`;
    await writeCheckpoint(folder, checkpoint);
    await rm(folder, { recursive: true });
  }

  /** The slots of the optimiser are left out: nothing goes on from the best weights. */
  async saveBest(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.best, { ...checkpoint, optimiser: new Map() });
  }

  /** Keeps the encoder's weights as they are now. */
  async keepOriginalEncoder(weights: Weights): Promise<void> {
    await orUnwritable(this.originalEncoder, async () => {
      const partial = `${this.originalEncoder}.partial`;
      await writeWeightsFile(partial, weights);
      await rename(partial, this.originalEncoder);
    });
  }

  /** One JSON line a step. */
  async log(totalSteps: number, report: StepReport): Promise<void> {
    const { stage, step, loss, gradientNorm, learningRate, imagesPerSecond } = report;
    const line: LoggedStep = { totalSteps, stage, step, loss, gradientNorm, learningRate, imagesPerSecond };
    await orUnwritable(this.logFile, () => appendFile(this.logFile, `${JSON.stringify(line)}\n`));
  }

  /** Takes back what was logged after the checkpoint that the run goes on from. */
  async truncateLog(totalSteps: number): Promise<void> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, totalSteps);
    const kept = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
    if (kept !== text) await writeFileAtomically(this.logFile, kept);
  }

  /** What was logged. Lines that a power cut damaged are left out: they are drawn, and nothing depends on them. */
  async readLog(): Promise<LoggedStep[]> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as LoggedStep];
      } catch {
        return [];
      }
    });
  }

  /** The report as data and as a page. */
  async report(data: object, page: string): Promise<void> {
    await writeFileAtomically(this.reportFile, `${JSON.stringify(data, null, 2)}\n`);
    await writeFileAtomically(this.reportPage, page);
  }
}

function requireFinite({ encoder, decoder }: ModelWeights): void {
  for (const [name, { values }] of [...encoder.weights, ...decoder]) {
    if (values.every(Number.isFinite)) continue;
    throw new LegendaError('TRAINING_DIVERGED', {
      expected: 'finite weights',
      received: `${name} with values that are none`,
    });
  }
}
