import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from '../../scripts/set-up/redis.mjs';

/** Whether there is a redis-server to run; for `describe.skipIf`. */
export const noRedis = findRedis() === undefined;

/** A Redis of the test's own. */
export class TestRedis {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
    private readonly inside: readonly string[],
  ) {}

  /**
   * @param settings of redis-server, instead of no persistence.
   * @param inside a command that runs it, such as in a network of its own.
   */
  static async start(
    settings: readonly string[] = ['--save', '', '--appendonly', 'no'],
    inside: readonly string[] = [],
  ): Promise<TestRedis> {
    const folder = await mkdtemp(join(tmpdir(), 'legenda-redis-'));
    const redis = new TestRedis(await freePort(), folder, settings, inside);
    await redis.run();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again after `stop` or `kill`, with what it has on disk. */
  async run(): Promise<void> {
    const [command = '', ...args] = [...this.inside, findRedis() ?? 'redis-server'];
    const address = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder];
    const child = spawn(command, [...args, ...address, ...this.settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    let said = '';
    for await (const text of child.stdout) {
      said += text;
      if (said.includes('Ready to accept connections')) break;
    }
    if (!said.includes('Ready to accept connections')) throw new Error(`Redis did not start: ${said}`);
    // It goes on to write there.
    child.stdout.resume();
  }

  /** Lets it answer nothing until it is thawed; connections stay. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Stops it and removes what it has on disk. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
