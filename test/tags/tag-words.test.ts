import { IMAGENET_CLASSES as PUBLISHED } from '@tensorflow-models/mobilenet/dist/imagenet_classes.js';
import { describe, expect, it } from 'vitest';
import { IMAGENET_CLASSES } from '../../src/tags/imagenet-classes.js';
import {
  classToTagMatrix,
  formsOf,
  tagLabel,
  tagsInCaption,
  tagWordOfClass,
  tagWords,
} from '../../src/tags/index.js';
import { ENGLISH } from '../../src/text/index.js';

const classes = Array.from({ length: 1000 }, (_, index) => index);
const everyWord = () => true;
const tagsOf = (caption: string) => tagsInCaption(ENGLISH.tokenise(caption));

describe('the words of classes', () => {
  it('stand in the order that classifiers give their classes in', () => {
    const lines = IMAGENET_CLASSES.trim().split('\n');
    expect(lines).toHaveLength(1000);
    for (const [index, line] of lines.entries()) {
      const name = PUBLISHED[index]?.split(',')[0]?.toLowerCase();
      expect(line).toMatch(/^\d+ .+: (-|[a-z-]+)$/);
      expect(line.startsWith(`${index} ${name}: `), line).toBe(true);
    }
  });

  it('are those that people write', () => {
    const word = (name: string) => tagWordOfClass(classes.find((i) => PUBLISHED[i]?.startsWith(name)) ?? -1);
    expect(word('tabby')).toBe('cat');
    expect(word('Persian cat')).toBe('cat');
    expect(word('Chihuahua')).toBe('dog');
    expect(word('mountain bike')).toBe('bike');
    expect(word('notebook')).toBe('laptop');
    expect(word('groom')).toBe('wedding');
    expect(tagWordOfClass(967)).toBe('coffee');
  });

  it('leave out what a classifier sees where it is not', () => {
    expect(tagWordOfClass(111)).toBeUndefined();
    expect(tagWordOfClass(916)).toBeUndefined();
    expect(tagWordOfClass(1000)).toBeUndefined();
  });

  it('are all in the list of tag words', () => {
    const listed = new Set(tagWords);
    for (const index of classes) {
      const word = tagWordOfClass(index);
      if (word !== undefined) expect(listed).toContain(word);
    }
  });
});

describe('formsOf', () => {
  it('gives the word itself first, then its plural and synonyms', () => {
    expect(formsOf('cat')).toEqual(['cat', 'cats', 'kitten', 'kittens', 'kitty']);
    expect(formsOf('colourless')).toEqual([]);
  });

  it('gives no form to two words, so that a word in a caption names one tag', () => {
    const forms = tagWords.flatMap((word) => formsOf(word));
    expect(forms.filter((form, index) => forms.indexOf(form) !== index)).toEqual([]);
    for (const word of tagWords) expect(formsOf(word)[0]).toBe(word);
  });

  it('gives words as captions are split into', () => {
    for (const form of tagWords.flatMap((word) => formsOf(word)))
      expect(ENGLISH.tokenise(form)).toEqual([form]);
  });
});

describe('classToTagMatrix', () => {
  it('skips the background of classifiers that have it', () => {
    const plain = classToTagMatrix(1000, everyWord);
    const shifted = classToTagMatrix(1001, everyWord);
    expect(shifted.ofClass[0]).toBe(-1);
    expect([...shifted.ofClass.subarray(1)]).toEqual([...plain.ofClass]);
    expect(plain.words[plain.ofClass[281] ?? -1]).toBe('cat');
  });

  it('takes a broader word where the model does not know the narrow one, and none where it knows neither', () => {
    const few = new Set(['cat', 'bird']);
    const { words, ofClass } = classToTagMatrix(1000, (word) => few.has(word));
    expect([...words].sort()).toEqual(['bird', 'cat']);
    const wordOf = (index: number) => words[ofClass[index] ?? -1];
    expect(wordOf(286)).toBe('cat');
    expect(wordOf(22)).toBe('bird');
    expect(wordOf(967)).toBeUndefined();
  });

  it('gives every word a class at least, whatever the vocabulary', () => {
    const { words, ofClass } = classToTagMatrix(1001, (word) => word.length < 5);
    expect(new Set(ofClass)).toEqual(new Set([-1, ...words.keys()]));
    expect(new Set(words).size).toBe(words.length);
  });
});

describe('tagsInCaption', () => {
  it('names what a caption says is there, once each, by any of its forms', () => {
    expect(tagsOf('Two kittens and a puppy beside a cat on a sofa.')).toEqual(['cat', 'dog', 'couch']);
  });

  it('is not misled by colours, verbs and pairs of words', () => {
    expect(tagsOf('People in orange watch him swing')).toEqual([]);
    expect(tagsOf('A hot dog and a teddy bear on a coffee table')).toEqual(['hotdog', 'teddy', 'table']);
    expect(tagsOf('a bear')).toEqual(['bear']);
  });
});

describe('tagLabel', () => {
  it('calls a thing as people do, also in two words', () => {
    expect(['dog', 'cream', 'teddy', 'traffic'].map(tagLabel)).toEqual([
      'dog',
      'ice cream',
      'teddy bear',
      'traffic light',
    ]);
    const labels = ['cream', 'firetruck', 'hotdog', 'teddy', 'traffic'];
    expect(labels.filter((word) => !tagWords.includes(word))).toEqual([]);
  });
});
