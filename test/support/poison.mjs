// Loaded before a worker (NODE_OPTIONS=--import): reading a file called poison ends the process as a fault in a decoder would.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { readFile } = promises;
promises.readFile = /** @type {typeof readFile} */ (
  (/** @type {Parameters<typeof readFile>} */ ...parameters) => {
    if (String(parameters[0]).includes('poison')) process.kill(process.pid, 'SIGKILL');
    return readFile(...parameters);
  }
);
syncBuiltinESMExports();
