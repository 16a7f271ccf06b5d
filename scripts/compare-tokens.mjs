// Compares the metrics' tokens with those that scripts/reference-metrics.py wrote. See docs/metrics.md.
//
//     npm run build && node scripts/compare-tokens.mjs CAPTIONS.txt TOKENS.txt
import { readFileSync } from 'node:fs';
import { tokeniseForMetrics } from '../dist/metrics/index.js';

const [captions, tokens] = process.argv
  .slice(2, 4)
  .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));
let different = 0;
for (const [line, caption] of captions.entries()) {
  const ours = tokeniseForMetrics(caption).join(' ');
  if (ours === (tokens[line] ?? '')) continue;
  different++;
  if (different <= 20) console.log(`${caption}\n  reference ${tokens[line]}\n  ours      ${ours}`);
}
console.log(`${different} of ${captions.length} captions differ`);
