import { type Precision, writeBundle } from '../bundle/index.js';
import { SEARCH_DEFAULTS } from '../search/index.js';
import { readCheckpoint } from './checkpoint.js';
import { type DevMetrics, modelCard } from './model-card.js';

/**
 * Writes a checkpoint as a bundle.
 * @param metrics of each dev split, for the manifest and the card. @throws the errors of `readCheckpoint` and `writeBundle`.
 */
export async function exportCheckpoint(
  folder: string,
  directory: string,
  precision: Precision,
  metrics: DevMetrics = {},
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
    tags: model.tags,
    metrics: { dev: metrics },
    card: modelCard(checkpoint, precision, metrics),
    precision,
    search: { method: 'beam', ...SEARCH_DEFAULTS },
  });
}
