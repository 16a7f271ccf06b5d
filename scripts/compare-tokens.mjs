// Compares the metrics' tokens with those that scripts/reference-metrics.py wrote. See docs/metrics.md.
//
//     npm run build && node scripts/compare-tokens.mjs CAPTIONS.txt TOKENS.txt
import { readFileSync } from 'node:fs';

const { tokeniseForMetrics } = await import(new URL('../dist/metrics/index.js', import.meta.url).href);

const linesOf = (file = '') => readFileSync(file, 'utf8').trimEnd().split('\n');
const captions = linesOf(process.argv[2]);
const tokens = linesOf(process.argv[3]);
let different = 0;
for (const [line, caption] of captions.entries()) {
  const ours = tokeniseForMetrics(caption).join(' ');
  if (ours === (tokens[line] ?? '')) continue;
  different++;
  if (different <= 20) console.log(`${caption}\n  reference ${tokens[line]}\n  ours      ${ours}`);
}
console.log(`${different} of ${captions.length} captions differ`);
