import { execFileSync } from 'node:child_process';

const run = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });

/** Whether this machine lets us make no networks; for `describe.skipIf`. */
export const noNetworks = ((): boolean => {
  const name = `legenda-${process.pid}`;
  try {
    run('netns', 'add', name);
  } catch {
    return true;
  }
  try {
    run('-n', name, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'end');
    return false;
  } catch {
    return true;
  } finally {
    run('netns', 'delete', name);
  }
})();

/** A machine in the middle, with a cable to each of some others, as network namespaces. Nothing else reaches them, nor they anything. */
export class TestNetwork {
  private readonly made: string[] = [];

  /** @param others at most fifteen letters each. */
  constructor(others: readonly string[]) {
    try {
      this.add('middle');
      for (const [index, other] of others.entries()) {
        this.add(other);
        const [from, to] = [this.name('middle'), this.name(other)];
        run('-n', from, 'link', 'add', other, 'type', 'veth', 'peer', 'name', 'cable', 'netns', to);
        run('-n', from, 'address', 'add', `10.203.${index}.1/24`, 'dev', other);
        run('-n', to, 'address', 'add', `10.203.${index}.2/24`, 'dev', 'cable');
        run('-n', from, 'link', 'set', other, 'up');
        run('-n', to, 'link', 'set', 'cable', 'up');
      }
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What to put before a command so that it runs there. */
  inside(machine: string): readonly string[] {
    return ['ip', 'netns', 'exec', this.name(machine)];
  }

  /** Pulls a machine's cable: what it sends is lost, and nobody tells it. */
  cut(other: string): void {
    run('-n', this.name('middle'), 'link', 'set', other, 'down');
  }

  mend(other: string): void {
    run('-n', this.name('middle'), 'link', 'set', other, 'up');
  }

  /** To be called when what runs inside has ended. */
  remove(): void {
    for (const name of this.made.splice(0)) run('netns', 'delete', name);
  }

  private add(machine: string): void {
    run('netns', 'add', this.name(machine));
    this.made.push(this.name(machine));
  }

  private name(machine: string): string {
    return `legenda-${process.pid}-${machine}`;
  }
}
