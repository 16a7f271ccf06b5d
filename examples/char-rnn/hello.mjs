// node examples/char-rnn/hello.mjs: four letters, three hidden units, and every number in between (see README.md).
import { RecurrentNetwork } from 'legenda/recurrence';

const LETTERS = ['h', 'e', 'l', 'o'];
const STEPS = 100;

/** @param {string} letter */
const numberOf = (letter) => LETTERS.indexOf(letter);
/** One of four inputs is 1. @param {string} letter */
const oneHot = (letter) => LETTERS.map((each) => (each === letter ? 1 : 0));
/** @param {readonly number[]} values */
const inColumns = (values) => values.map((value) => value.toFixed(2).padStart(5)).join(' ');

// "hell" is read and "ello" is to be told: after the first l comes another, after the second an o, so that the letter alone
// does not say it. What came before is in the hidden state.
const sequence = {
  inputs: [...'hell'].map(oneHot),
  targets: [...'ello'].map(numberOf),
};
const network = new RecurrentNetwork({
  inputs: LETTERS.length,
  outputs: LETTERS.length,
  loss: 'crossEntropy',
  cell: 'simpleRnn',
  hidden: 3,
  seed: 1,
});

/** @param {string} title */
function show(title) {
  const { hidden, outputs } = network.run([sequence.inputs]);
  console.log(`${title}\nreads  h_t                p(h)  p(e)  p(l)  p(o)   tells`);
  [...'hell'].forEach((letter, t) => {
    const logits = outputs[0]?.[t] ?? [];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const probabilities = logits.map((logit) => Math.exp(logit) / total);
    const told = LETTERS[probabilities.indexOf(Math.max(...probabilities))];
    console.log(`${letter}      ${inColumns(hidden[0]?.[t] ?? [])}  ${inColumns(probabilities)}   ${told}`);
  });
  console.log();
}

show('Before it has learnt:');
for (let step = 1; step <= STEPS; step++) {
  const { loss, gradientNorm } = network.learn([sequence], 0.1);
  if (step === 1 || step % 20 === 0) {
    console.log(
      `step ${String(step).padStart(3)}  loss ${loss.toFixed(3)}  gradient ${gradientNorm.toFixed(3)}`,
    );
  }
}
console.log();
show('After:');
network.dispose();
