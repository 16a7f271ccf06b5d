import { run } from './run.mjs';

/** Programs that unpacking and building need and this machine lacks. @param {boolean} toDownload */
export async function missingTools(toDownload) {
  /** @param {string} command @param {string[]} args */
  const works = async (command, args) => (await run(command, args, { limitSeconds: 60 })).code === 0;
  const chosen = process.env.CXX?.split(' ')[0];
  const compilers = chosen ? [chosen] : ['g++', 'clang++', 'c++'];
  const missing = [];
  let compiler = false;
  for (const name of compilers) compiler ||= await works(name, ['--version']);
  if (!compiler) missing.push('a C++ compiler (g++)');
  if (!(await works('make', ['--version']))) missing.push('make');
  if (!(await works('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']))) {
    missing.push('python3 (3.8 or newer) with pip');
  } else if (toDownload && !(await works('python3', ['-m', 'pip', '--version']))) {
    missing.push('pip for python3 (python3-pip)');
  }
  return missing;
}
