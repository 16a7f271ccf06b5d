// node examples/char-rnn/write.mjs [text file]: learns to write like a text, letter by letter (see README.md).
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random, RecurrentNetwork } from 'legenda/recurrence';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cell: { type: 'string', default: 'lstm' },
    hidden: { type: 'string', default: '128' },
    steps: { type: 'string', default: '300' },
    temperature: { type: 'string', default: '0.7' },
    length: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
  },
});
const BATCH = 32;
/** Letters of a piece, and after how many the gradient is cut. */
const PIECE = 50;
const TBPTT = 25;
const HIGHEST_RATE = 0.01;

const [file = new URL('../../README.md', import.meta.url)] = positionals;
const letters = [...readFileSync(file, 'utf8')];
if (letters.length <= PIECE) throw new Error(`${file} has no more than ${PIECE} letters`);
const alphabet = [...new Set(letters)].sort();
const numbers = new Map(alphabet.map((letter, number) => [letter, number]));
const text = letters.map((letter) => numbers.get(letter) ?? 0);
/** One of the inputs is 1. @param {number} letter */
const oneHot = (letter) => alphabet.map((_, number) => (number === letter ? 1 : 0));

const random = new Random(Number(values.seed));
const network = new RecurrentNetwork({
  inputs: alphabet.length,
  outputs: alphabet.length,
  loss: 'crossEntropy',
  cell: /** @type {'lstm'} */ (values.cell),
  hidden: Number(values.hidden),
  tbptt: TBPTT,
  seed: Number(values.seed),
});

/** A piece of the text: at each letter the next is to be told. */
function piece() {
  const start = random.integer(text.length - PIECE);
  return {
    inputs: text.slice(start, start + PIECE).map(oneHot),
    targets: text.slice(start + 1, start + PIECE + 1),
  };
}

/** Draws a letter from softmax(logits / τ): near 0 always the likeliest, above 1 ever wilder. @param {readonly number[]} logits */
function draw(logits) {
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - highest) / Number(values.temperature)));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => {
    left -= weight;
    return left <= 0;
  });
  return Math.max(drawn, 0);
}

/** @param {number} length */
function write(length) {
  let letter = text[0] ?? 0;
  let written = alphabet[letter] ?? '';
  /** @type {import('legenda/recurrence').RecurrentState | undefined} */
  let state;
  for (let t = 1; t < length; t++) {
    const { outputs, state: next } = network.run([[oneHot(letter)]], state);
    state = next;
    letter = draw(outputs[0]?.[0] ?? []);
    written += alphabet[letter];
  }
  return written;
}

console.log(`${text.length} letters, ${alphabet.length} different ones; guessing among them costs`);
console.log(`${Math.log(alphabet.length).toFixed(2)} nats a letter.\n`);
const steps = Number(values.steps);
for (let step = 1; step <= steps; step++) {
  const rate = HIGHEST_RATE * Math.min(1, 1.2 - step / steps);
  const { loss } = network.learn(Array.from({ length: BATCH }, piece), rate);
  if (step === 1 || step % 50 === 0 || step === steps) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}
console.log(`\nAt temperature ${values.temperature} it writes:\n\n${write(Number(values.length))}`);
network.dispose();
