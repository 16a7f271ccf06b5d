// npm run setup: makes training ready. Captioning does not need it. Prints one line: what it did or what lacks.
import { ensureTensorFlow } from './set-up/tensorflow.mjs';

const { ready, line } = await ensureTensorFlow((text) => {
  if (process.stderr.isTTY) console.error(text);
});
console.log(line);
process.exitCode = ready ? 0 : 1;
