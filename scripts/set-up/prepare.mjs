// What scripts need before they begin. Each function gives what went wrong in one line, or undefined.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, needsBuild } from '../build.mjs';
import { ensurePackages, nodeVersionProblem } from './packages.mjs';
import { ensureTensorFlow } from './tensorflow.mjs';

/** Packages, and a Node.js that runs them. @param {string} root @returns {Promise<string | undefined>} */
export async function preparePackages(root) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return nodeVersionProblem(process.versions.node, engines.node) ?? (await ensurePackages(root));
}

/** What is built. @param {string} root @returns {Promise<string | undefined>} */
export async function prepareBuild(root) {
  return needsBuild(root) ? build() : undefined;
}

/** Packages, TensorFlow and what is built. @param {string} root @returns {Promise<string | undefined>} */
export async function prepareTraining(root) {
  const problem = await preparePackages(root);
  if (problem !== undefined) return problem;
  const { ready, line } = await ensureTensorFlow((text) => console.error(text));
  if (!ready) return line;
  return prepareBuild(root);
}
