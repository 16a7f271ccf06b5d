import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/legenda.js', import.meta.url));

// Where a test fails before it stops its worker.
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** `legenda work`, compiled, in a process of its own. */
export class TestWorker {
  /** What it logged so far. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  private heard: () => void = () => {};

  private constructor(private readonly child: ChildProcess) {
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        // Other processes of it may say something in words.
        if (line.startsWith('{')) this.log.push(JSON.parse(line));
        else this.log.push({ msg: line });
      }
      this.heard();
    });
    child.on('exit', () => this.heard());
    started.push(child);
  }

  /**
   * Starts a worker and waits until it takes jobs.
   * @param inside a command that runs it, such as in a network of its own.
   */
  static async start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    inside: readonly string[] = [],
  ): Promise<TestWorker> {
    const [command = '', ...before] = [...inside, process.execPath];
    const child = spawn(command, [...before, BIN, 'work', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    const worker = new TestWorker(child);
    await worker.said('waiting for jobs');
    return worker;
  }

  /** Waits until it has logged this message. */
  async said(message: string): Promise<void> {
    while (!this.log.some(({ msg }) => msg === message)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the worker ended: ${JSON.stringify(this.log)}`);
      }
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }

  /** @returns the exit code; undefined where the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode ?? undefined;
  }
}
