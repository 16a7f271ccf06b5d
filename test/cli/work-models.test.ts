import { expect, it, vi } from 'vitest';
import { DEFAULT_MODEL } from '../../src/captioner/default-model.js';
import { workCommand } from '../../src/cli/work.js';

const runWork = vi.hoisted(() => vi.fn(async () => 0));
vi.mock('../../src/cli/work-run.js', () => ({ runWork }));

it.each([
  [
    'the one that comes with Legenda beside another',
    ['-m', DEFAULT_MODEL, '-m', 'birds'],
    [DEFAULT_MODEL, 'birds'],
  ],
  ['the one that comes with Legenda where none is named', [], [DEFAULT_MODEL]],
  ['only those that are named', ['-m', 'birds'], ['birds']],
])('a worker has %s', async (_, args, model) => {
  await workCommand().parseAsync(args, { from: 'user' });
  expect(runWork).toHaveBeenLastCalledWith(expect.objectContaining({ model }));
});
