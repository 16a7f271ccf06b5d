import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program under examples/ as its README says, and gives what it printed. */
export async function runExample(
  program: string,
  args: readonly string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const path = fileURLToPath(new URL(`../../examples/${program}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args]);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, ...printed };
}
