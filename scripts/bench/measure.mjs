// What a program that reads paths from standard input and writes a line for each takes, from its start to its end.
import { spawn } from 'node:child_process';

/**
 * @typedef {object} Measured
 * @property {number} images
 * @property {number} perSecond images a second of the whole process
 * @property {number} steadyPerSecond images a second once the first quarter is done: without the start
 * @property {number} firstMs from the start of the process to the first line
 * @property {number} coreSeconds per 1,000 images
 * @property {number} peakMiB
 */

/**
 * Runs a program over images. It writes `{cpuSeconds, peakMiB}` to file descriptor 3 when it ends.
 * @param {string} program @param {string[]} args @param {string[]} images
 * @returns {Promise<Measured | string>} what it lacks, in a line, if it fails
 */
export async function measure(program, args, images) {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  /** @type {{at: number, lines: number}[]} */
  const arrivals = [];
  let lines = 0;
  let errors = '';
  let report = '';
  child.stdout.on('data', (/** @type {Buffer} */ data) => {
    lines += data.filter((byte) => byte === 0x0a).length;
    arrivals.push({ at: performance.now(), lines });
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  child.stdio[3]?.on('data', (data) => {
    report += data;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`${images.join('\n')}\n`);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  const [first] = arrivals;
  const last = arrivals.at(-1);
  const quarter = arrivals.find((arrival) => arrival.lines >= images.length / 4);
  if (code !== 0 || lines !== images.length || !first || !last || !quarter || report === '') {
    return errors.trim().split('\n').at(-1) || `it ended with ${code} after ${lines} images`;
  }
  const { cpuSeconds, peakMiB } = JSON.parse(report);
  return {
    images: lines,
    perSecond: lines / seconds,
    steadyPerSecond: (1000 * (last.lines - quarter.lines)) / (last.at - quarter.at),
    firstMs: first.at - started,
    coreSeconds: (1000 * cpuSeconds) / lines,
    peakMiB,
  };
}
