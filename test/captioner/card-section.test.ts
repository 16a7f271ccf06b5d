import { describe, expect, it } from 'vitest';
import { withSection } from '../../src/captioner/card-section.js';

describe('withSection', () => {
  it('replaces the section of that heading, and no other', () => {
    const card = '# Name\n\n### How good it is\n\nMine.\n\n## How good it is\n\nOld.\n\n## Limits\n\nMany.\n';
    const changed = withSection(card, '## How good it is', 'New.');
    expect(changed).toBe(card.replace('Old.', 'New.'));
    expect(withSection(card, '## Limits', 'Few.')).toBe(card.replace('Many.', 'Few.'));
    expect(withSection('## Limits\n\nMany.\n', '## Limits', 'Few.')).toBe('## Limits\n\nFew.\n');
  });

  it('adds it at the end where there is none', () => {
    expect(withSection('# Name\n\n### Limits\n\n', '## Limits', 'Few.')).toBe(
      '# Name\n\n### Limits\n\n## Limits\n\nFew.\n',
    );
  });
});
