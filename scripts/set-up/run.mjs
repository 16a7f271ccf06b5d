import { spawn } from 'node:child_process';

/** @typedef {{ code: number, output: string, timedOut: boolean }} Outcome */

const posix = process.platform !== 'win32';
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** @param {import('node:child_process').ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return;
  try {
    // Each child leads a group of its own, so that what it started ends with it.
    if (posix) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended already.
  }
}

function interrupted() {
  for (const child of running) kill(child);
  process.exit(130);
}

/** Ctrl-C reaches only this process, as each child leads a group of its own. @param {'on' | 'off'} method */
function watchForInterruption(method) {
  for (const signal of ['SIGINT', 'SIGTERM']) process[method](signal, interrupted);
}

/**
 * Runs a command to its end and keeps what it printed. Never throws: a command that cannot start has code 127, one that
 * outlives its limit is killed and has `timedOut`.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, limitSeconds?: number, show?: boolean }} [options]
 *   `show`: the command writes to this terminal itself, and `output` stays empty.
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd, env, limitSeconds, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      detached: posix,
    });
    if (running.size === 0) watchForInterruption('on');
    running.add(child);
    let output = '';
    let timedOut = false;
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    const timer =
      limitSeconds === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill(child);
          }, limitSeconds * 1000);
    /** @param {number} code */
    const end = (code) => {
      clearTimeout(timer);
      running.delete(child);
      if (running.size === 0) watchForInterruption('off');
      resolve({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/**
 * Runs npm: the one that started this script if there is one, else the one beside this Node.js or on the path.
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
  const npmCli = process.env.npm_execpath;
  if (npmCli?.endsWith('npm-cli.js')) return run(process.execPath, [npmCli, ...args], options);
  // npm is a .cmd file on Windows, which only a shell starts; the arguments are this project's own words.
  return posix ? run('npm', args, options) : run('cmd.exe', ['/d', '/s', '/c', 'npm', ...args], options);
}

/** The line of a failed program's output that says what went wrong. @param {Outcome} outcome */
export function reasonIn({ code, output, timedOut }) {
  if (timedOut) return 'it took too long';
  const lines = output.split('\n').map((line) => line.replace(/^npm error/, '').trim());
  const reason =
    lines.find((line) => /(?:^|\s)\w*error: /i.test(line)) ?? lines.findLast((line) => line !== '');
  return reason?.replace(/^ERROR: /, '').slice(0, 200) ?? `it ended with code ${code}`;
}
