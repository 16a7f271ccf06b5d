import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vocabulary, Writing } from '../../src/text/index.js';

describe('captions in', () => {
  it.each([
    ['pt-BR', 'Dois cães correm na praia, à beira-mar.', 'dois cães correm na praia à beira-mar'],
    ['de', 'Ein Mädchen im T-Shirt läuft über die Straße!', 'ein mädchen im t-shirt läuft über die straße'],
    ['fr', "L’homme n'a qu'un chien d'arrêt.", "l' homme n' a qu' un chien d' arrêt"],
    ['it', "Un po' d'acqua nell'erba dell'isola.", "un po d' acqua nell' erba dell' isola"],
    ['tr', 'IĞDIR İLİ, Ilgaz', 'ığdır ili ılgaz'],
    ['ru', 'Девочка ИДЁТ слева.', 'девочка идёт слева'],
    ['ar', 'وَلَدٌ يَلْعَبُ بالكـــرة، ٢ كلاب.', 'ولد يلعب بالكرة ٢ كلاب'],
    ['hi', 'एक लड़का खेल रहा है।', 'एक लड़का खेल रहा है'],
    ['ja', '白い犬が、公園にいる。', '白い 犬 が 公園 に いる'],
    ['zh', '一只狗在草地上奔跑。', '一只 狗 在 草地 上 奔跑'],
    ['ja', 'ﾃﾚﾋﾞが２台', 'テレビ が 2 台'],
  ])('%s are taken apart as its readers would: %s', (language, caption, words) => {
    expect(new Writing({ language }).tokenise(caption)).toEqual(words.split(' '));
  });

  it.each([
    ['pt', 'Dois cães correm à beira-mar.'],
    ['de', 'Ein Mädchen läuft über die Straße.'],
    ['fr', "L'homme n'a qu'un chien d'arrêt."],
    ['it', "C'è un cane nell'erba."],
    ['tr', 'İki köpek ırmakta.'],
    ['ar', 'ولد يلعب بالكرة.'],
    ['hi', 'एक लड़का खेल रहा है।'],
    ['ja', '白い犬が公園で遊んでいる。'],
    ['zh', '一只狗在草地上奔跑。'],
    ['th', 'สุนัขวิ่งบนหญ้า'],
    ['ur', 'ایک کتا بھاگ رہا ہے۔'],
  ])('%s are written back as they were: %s', (language, caption) => {
    const captions = Array.from({ length: 5 }, () => caption);
    const vocabulary = Vocabulary.of(captions, 1, new Writing({ language }));
    const words = vocabulary.writing.tokenise(caption);
    expect(vocabulary.sentence(vocabulary.encode(words))).toBe(caption);
  });

  it('get their capitals back where most of their writers have them', () => {
    const some = [
      'Ein Hund in New York.',
      'Der Hund läuft.',
      'ein hund ruht',
      'in der stadt',
      'in der Stadt',
    ];
    const captions = [...some, ...some, ...some];
    const vocabulary = Vocabulary.of(captions, 1, new Writing({ language: 'de' }));
    const written = (text: string) =>
      vocabulary.sentence(vocabulary.encode(vocabulary.writing.tokenise(text)));
    expect(written('DER HUND IN DER STADT')).toBe('Der Hund in der stadt.');
  });

  it('get them also where only the words together have them', () => {
    const some = ['A new hat in New York.', 'A new car in New York.', 'a Dog in new shoes'];
    const captions = [...some, ...some, ...some.slice(0, 2), ...some.slice(1)];
    const vocabulary = Vocabulary.of(captions, 1);
    const written = (text: string) =>
      vocabulary.sentence(vocabulary.encode(vocabulary.writing.tokenise(text)));
    expect(written('a new dog in new york')).toBe('A new dog in New York.');
  });

  it('words in capitals throughout say nothing of how they are written', () => {
    const captions = Array.from({ length: 9 }, () => 'A DOG RUNS');
    expect(Vocabulary.of(captions, 1).forms.size).toBe(0);
  });

  it('a language without spaces keeps them between foreign words', () => {
    const japanese = new Writing({ language: 'ja' });
    expect(japanese.sentence(['new', 'york', 'の', '犬', '2', '匹'])).toBe('New yorkの犬2匹。');
  });
});

it('Georgian has no capitals at the beginning of a sentence', () => {
  expect(new Writing({ language: 'ka' }).sentence(['კაცი', 'დგას'])).toBe('კაცი დგას.');
});

describe('single characters', () => {
  it('do not end twice', () => {
    const writing = new Writing({ unit: 'characters' });
    expect(writing.sentence(writing.tokenise('A dog!'))).toBe('A dog!');
    expect(writing.sentence(writing.tokenise('A dog.'))).toBe('A dog.');
  });

  it.each([
    ['ja', '犬、２匹。', ['犬', '、', '2', '匹'], '犬、2匹。'],
    [
      'en',
      'A  big dog, “2”!',
      ['a', ' ', 'b', 'i', 'g', ' ', 'd', 'o', 'g', ',', ' ', '“', '2', '”', '!'],
      undefined,
    ],
    ['hi', 'लड़का', ['ल', 'ड़', 'का'], 'लड़का।'],
  ])('of %s, %s, keep spaces, numbers and punctuation', (language, caption, characters, written) => {
    const writing = new Writing({ language, unit: 'characters' });
    expect(writing.tokenise(caption)).toEqual(characters.map((one) => one.normalize('NFC')));
    if (written !== undefined) expect(writing.sentence(characters)).toBe(written.normalize('NFC'));
  });

  it('are read back as what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const writing = new Writing({ unit: 'characters' });
        const once = writing.tokenise(text);
        expect(writing.tokenise(writing.sentence(once)).join('')).toBe(once.join(''));
      }),
    );
  });
});

describe('a picture is not mirrored where its caption tells left from right', () => {
  it.each([
    ['en', 'a dog on the left-hand side'],
    ['pt', 'um cão do lado esquerdo'],
    ['de', 'rechts ein Hund'],
    ['fr', 'un chien à gauche'],
    ['ja', '左側に犬がいる'],
    ['ar', 'كلب على اليسار'],
  ])('in %s: %s', (language, caption) => {
    const writing = new Writing({ language });
    expect(writing.tellsSides(caption)).toBe(true);
    expect(new Writing({ language, unit: 'characters' }).tellsSides(caption)).toBe(true);
    expect(writing.tellsSides(caption.replace(/left-hand|esquerdo|rechts|gauche|左側|اليسار/, ''))).toBe(
      false,
    );
  });
});

it('a language that is none is named', () => {
  expect(() => new Writing({ language: 'english!' })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining('english!') }),
  );
});
