import { describe, expect, it } from 'vitest';
import { asLegendaError, errorCodes, LegendaError } from '../src/errors.js';

describe('LegendaError, what a user reads when something fails', () => {
  it('says what it is, what was expected, what came, and what to do', () => {
    const cause = new Error('ENOENT');
    const error = new LegendaError('IMAGE_NOT_FOUND', {
      expected: 'a photo',
      received: 'a.jpg',
      advice: 'check the path',
      cause,
    });
    expect(error.message).toBe('the image does not exist: expected a photo, received a.jpg (check the path)');
    expect(error).toMatchObject({ name: 'LegendaError', code: 'IMAGE_NOT_FOUND', received: 'a.jpg', cause });
  });

  it.each([
    [{}, 'wrong usage'],
    [{ expected: 'one path' }, 'wrong usage: expected one path'],
    [{ received: 'two paths' }, 'wrong usage: received two paths'],
    [{ advice: 'name one path' }, 'wrong usage (name one path)'],
  ])('leaves out what is not known: %o', (details, message) => {
    const error = new LegendaError('USAGE', details);
    expect(error.message).toBe(message);
    expect('cause' in error).toBe(false);
  });

  it('words every code by itself, so that no two failures look alike', () => {
    const words = Object.values(errorCodes);
    expect(new Set(words).size).toBe(words.length);
    for (const code of Object.keys(errorCodes)) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });
});

describe('asLegendaError', () => {
  it('keeps an error that has a code', () => {
    const error = new LegendaError('USAGE');
    expect(asLegendaError(error)).toBe(error);
  });

  it.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['thrown text', 'thrown text'],
    [undefined, 'undefined'],
  ])('names any other as Legenda’s own and keeps what it said: %s', (thrown, said) => {
    const error = asLegendaError(thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', received: said });
    expect(error.message).toContain(said);
    if (thrown !== undefined) expect(error.cause).toBe(thrown);
  });
});
