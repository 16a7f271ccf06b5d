import type { Fit, Manifest } from '../bundle/index.js';
import { LegendaError } from '../errors.js';

/** How a photo becomes what a model looks at. */
export interface View {
  /** How it becomes `width` × `height` pixels, once it is upright. */
  readonly fit: Fit;
  readonly width: number;
  readonly height: number;
  /** Cells of the feature grid, which divides those pixels evenly. */
  readonly grid: { readonly height: number; readonly width: number };
}

/** @throws `BUNDLE_VERSION` for a bundle that does not say its grid's height and width, and is not square. */
export function viewOf({ configuration, featureGrid }: Manifest): View {
  const { fit, width, height } = configuration.encoder;
  const side = Math.sqrt(featureGrid.cells);
  const grid = { height: featureGrid.height ?? side, width: featureGrid.width ?? side };
  if (grid.height * grid.width !== featureGrid.cells || !Number.isInteger(grid.height)) {
    throw new LegendaError('BUNDLE_VERSION', {
      expected: "the height and the width of the model's feature grid",
      received: `${featureGrid.cells} cells`,
      advice: 'export the model again',
    });
  }
  return { fit, width, height, grid };
}

/** Whether a model chooses, for each word, where in the photo to look. */
export function looksAgain({ configuration, featureGrid }: Manifest): boolean {
  return configuration.decoder.attention !== 'none' && featureGrid.cells > 1;
}

/** @throws `CONFIGURATION_INVALID` for a model that does not {@link looksAgain look again}. */
export function requireAttention(manifest: Manifest): void {
  if (looksAgain(manifest)) return;
  const looksOnce = manifest.configuration.decoder.attention === 'none';
  const why = looksOnce ? 'was trained with decoder.attention "none"' : 'sees the photo as a single cell';
  throw new LegendaError('CONFIGURATION_INVALID', {
    expected: 'a model that looks at parts of the photo again for each word',
    received: `${manifest.name}, which ${why}`,
    advice: 'choose another model',
  });
}
