import { basename, dirname, extname, isAbsolute } from 'node:path';
import type { Precision, SearchDefaults } from '../bundle/index.js';
import { type DevMetrics, SCORES_HEADING, scoresText } from '../captioner/scores-card.js';
import type { Checkpoint } from './checkpoint.js';

/** MODEL_CARD.md: what the model is, learnt from, scores, and how it was trained. */
export function modelCard(
  checkpoint: Checkpoint,
  { precision, metrics, search }: { precision: Precision; metrics: DevMetrics; search: SearchDefaults },
): string {
  const { configuration, model } = checkpoint;
  const { cell, hidden, embedding, attention } = model.configuration;
  return `# ${configuration.name}

Writes a caption for a photo. Encoder ${model.encoder.name} (${model.encoder.input.width} × ${model.encoder.input.height} pixels); decoder ${cell}
with ${hidden} units, word embedding ${embedding}, attention ${attention}; ${model.vocabulary.size} words. Weights are stored as ${precision}.

- Licence: ${configuration.licence}
- Language: ${configuration.language}

## What it learnt from

${configuration.card.data}

${SCORES_HEADING}

${scoresText(metrics, search)}

## Limits

${configuration.card.limits}

## How it was trained

${history(checkpoint)}

The whole configuration:

\`\`\`json
${JSON.stringify(publicConfiguration(checkpoint), null, 2)}
\`\`\`
`;
}

function history({ progress }: Checkpoint): string {
  const { init } = progress;
  const start =
    init === undefined
      ? []
      : [
          `It went on from the model ${init}, with its encoder, its decoder and its words, to which new ones were added.\n`,
        ];
  const inWords = (scores: Readonly<Record<string, number>>) =>
    Object.entries(scores).map(([set, score]) => `${set} ${score.toFixed(3)}`);
  const rows = progress.history.map(({ stage, epoch, loss, devCiderD, averageDevCiderD = {} }) => {
    const average = inWords(averageDevCiderD).map((score) => `averaged ${score}`);
    const dev = [...inWords(devCiderD), ...average].join(', ');
    return `| ${stage} | ${Math.round(epoch * 100) / 100} | ${loss.toFixed(3)} | ${dev} |`;
  });
  return [...start, '| stage | epoch | loss | dev CIDEr-D, greedy |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/**
 * The configuration without its own card, without where a file lay on the machine that trained, and without what did not
 * apply: a run that went on from a model has its encoder from there.
 */
function publicConfiguration({ configuration, progress }: Checkpoint): object {
  const { card: _, encoder, ...rest } = configuration;
  if (progress.init !== undefined) {
    return { ...rest, encoder: { fit: encoder.fit } };
  }
  const { source } = encoder;
  const named = extname(source) === '.json' ? dirname(source) : source;
  return {
    ...rest,
    encoder: { ...encoder, source: isAbsolute(source) ? basename(named) : source },
  };
}
