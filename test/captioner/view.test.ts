import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/bundle/index.js';
import { requireAttention, viewOf } from '../../src/captioner/view.js';

/** What of a manifest says how its model sees. */
function manifest(featureGrid: Manifest['featureGrid'], attention: 'additive' | 'none' = 'additive') {
  const encoder = { fit: 'squash', width: 224, height: 160 };
  return { name: 'mine', configuration: { encoder, decoder: { attention } }, featureGrid } as Manifest;
}

describe('how a model sees a photo', () => {
  it('is told by its manifest, where the grid is square also by one of version 0.1.0', () => {
    const told = viewOf(manifest({ cells: 35, channels: 8, height: 5, width: 7 }));
    expect(told).toEqual({ fit: 'squash', width: 224, height: 160, grid: { height: 5, width: 7 } });
    expect(viewOf(manifest({ cells: 49, channels: 8 })).grid).toEqual({ height: 7, width: 7 });
    const unknown = { code: 'BUNDLE_VERSION' };
    expect(() => viewOf(manifest({ cells: 35, channels: 8 }))).toThrow(expect.objectContaining(unknown));
  });

  it('says where to look only for one that looks at parts of it for each word', () => {
    const refused = { code: 'CONFIGURATION_INVALID', message: expect.stringContaining('mine') };
    expect(() => requireAttention(manifest({ cells: 49, channels: 8 }))).not.toThrow();
    for (const once of [
      manifest({ cells: 49, channels: 8 }, 'none'),
      manifest({ cells: 1, channels: 4096 }),
    ]) {
      expect(() => requireAttention(once)).toThrow(expect.objectContaining(refused));
    }
  });
});
