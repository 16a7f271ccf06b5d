import { thumbnail } from '../images/index.js';
import type { DataReport } from './data-report.js';
import type { RunState } from './report-curves.js';
import { reportPage, type ShownSample } from './report-page.js';
import type { RunFolder } from './run-folder.js';
import type { Sample } from './training-data.js';

/** Longest side of a sample, pixels. */
const SIZE = 192;

/** The report of a run, `report.json` and `report.html`, which is written again after each epoch. */
export class RunReport {
  private shown: Promise<ShownSample[]> | undefined;

  constructor(
    private readonly run: RunFolder,
    private readonly data: DataReport,
    private readonly samples: readonly Sample[],
  ) {}

  async write(state: RunState): Promise<void> {
    const { configuration, progress, metrics } = state;
    const { best, totalSteps, history } = progress;
    this.shown ??= Promise.all(
      this.samples.map(async ({ name, image, captions }) => {
        return { name, captions, thumbnail: await thumbnail(image, SIZE) };
      }),
    );
    const page = reportPage(state, await this.run.readLog(), this.data, await this.shown);
    await this.run.report({ best, totalSteps, history, metrics, data: this.data, configuration }, page);
  }
}
