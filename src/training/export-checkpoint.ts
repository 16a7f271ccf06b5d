import { type Precision, writeBundle } from '../bundle/index.js';
import { SEARCH_DEFAULTS } from '../search/index.js';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';

/** A checkpoint as a bundle. @throws the errors of `readCheckpoint` and `writeBundle`. */
export async function exportCheckpoint(
  folder: string,
  directory: string,
  precision: Precision,
): Promise<void> {
  const checkpoint = await readCheckpoint(folder);
  const { configuration, model } = checkpoint;
  await writeBundle(directory, {
    name: configuration.name,
    licence: configuration.licence,
    language: configuration.language,
    configuration: model.configuration,
    encoder: model.encoder,
    fit: configuration.encoder.fit,
    decoder: model.decoder,
    vocabulary: model.vocabulary,
    metrics: { devCiderDGreedy: bestScores(checkpoint) },
    card: modelCard(checkpoint, precision),
    precision,
    search: { method: 'beam', ...SEARCH_DEFAULTS },
  });
}

/** The dev scores of the epoch whose weights these are. */
function bestScores({ progress }: Checkpoint): Record<string, number> {
  return progress.history.at(-1)?.devCiderD ?? {};
}

function modelCard({ configuration, progress, model }: Checkpoint, precision: Precision): string {
  const epochs = progress.history.map(
    ({ stage, epoch, loss, devCiderD }) =>
      `| ${stage} | ${Math.round(epoch * 100) / 100} | ${loss.toFixed(3)} | ${Object.entries(devCiderD)
        .map(([set, score]) => `${set} ${score.toFixed(3)}`)
        .join(', ')} |`,
  );
  return `# ${configuration.name}

An image-captioning model trained with Legenda: ${model.encoder.name}, then a decoder of ${model.configuration.layers}
${model.configuration.cell} layer(s) with ${model.configuration.hidden} units, attention ${model.configuration.attention},
and ${model.vocabulary.size} words. Weights are stored as ${precision}.

- Licence: ${configuration.licence}
- Language: ${configuration.language}

## Training

| stage | epoch | loss | dev CIDEr-D, greedy |
|---|---|---|---|
${epochs.join('\n')}

The whole configuration:

\`\`\`json
${JSON.stringify(configuration, null, 2)}
\`\`\`
`;
}
