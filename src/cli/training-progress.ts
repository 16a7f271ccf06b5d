import { duration } from '../text/index.js';
import type { StepReport } from '../training/index.js';

/** Steps between two lines where there is no terminal to rewrite one on. */
const STEPS_A_LINE = 50;

export interface TrainingProgress {
  readonly step: (report: StepReport) => void;
  readonly message: (message: string) => void;
  readonly end: () => void;
}

/** A line with loss, gradient norm, speed and time left: rewritten on a terminal, one every fifty steps elsewhere. */
export function trainingProgress(stream: NodeJS.WriteStream): TrainingProgress {
  let open = false;
  const close = () => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    step(report) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${lineOf(report)}`);
        open = true;
      } else if (report.step % STEPS_A_LINE === 0 || report.step === report.steps) {
        stream.write(`${lineOf(report)}\n`);
      }
    },
    message(message) {
      close();
      stream.write(`${message}\n`);
    },
    end: close,
  };
}

function lineOf(report: StepReport): string {
  const { stage, epoch, epochs, step, steps, loss, gradientNorm, imagesPerSecond, secondsLeft } = report;
  return (
    `${stage} epoch ${epoch.toFixed(2)}/${Math.round(100 * epochs) / 100} step ${step}/${steps} loss ${loss.toFixed(3)} ` +
    `gradient ${gradientNorm.toFixed(2)} ${imagesPerSecond.toFixed(0)} images/s ${duration(secondsLeft)} left`
  );
}
