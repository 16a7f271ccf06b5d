import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/legenda.js', import.meta.url));
const COMPILED = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url));

export interface Finished {
  /** The exit code; undefined if a signal killed the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `legenda` command under way. */
export class RunningCommand {
  readonly finished: Promise<Finished>;
  readonly pid: number;
  private stdout = '';
  private stderr = '';
  private changed: () => void = () => {};

  constructor(private readonly child: ChildProcess) {
    this.pid = child.pid ?? -1;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.changed();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // A command that has ended no longer reads.
    child.stdin?.on('error', () => {});
    this.finished = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        resolve({ code: code ?? undefined, stdout: this.stdout, stderr: this.stderr });
        this.changed();
      });
    });
  }

  /** Writes to its standard input. */
  feed(text: string): void {
    this.child.stdin?.write(text);
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** Waits until it has written so many whole lines, or ended, and returns them. */
  async lines(count: number): Promise<string[]> {
    const whole = () => this.stdout.split('\n').slice(0, -1);
    while (whole().length < count && this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
    return whole();
  }

  closeOutput(): void {
    this.child.stdout?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

/** Starts `legenda` as users do: compiled, in a process of its own. */
export function startCommand(args: readonly string[], cwd?: string): RunningCommand {
  if (!existsSync(COMPILED)) throw new Error('dist/ is missing: run npm run build first (npm test does)');
  return new RunningCommand(spawn(process.execPath, [BIN, ...args], { cwd, stdio: 'pipe' }));
}

/** Runs `legenda` to its end. @param input all of its standard input. */
export function runCommand(args: readonly string[], input = '', cwd?: string): Promise<Finished> {
  const command = startCommand(args, cwd);
  command.feed(input);
  command.endInput();
  return command.finished;
}
