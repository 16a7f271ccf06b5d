/**
 * A row of the ablation table: a model trained with settings that differ from the base, or from the row it goes on from.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} what the row's words in the table
 * @property {string} [from] the row whose model it starts from; else it starts anew
 * @property {string[]} set settings, as --set takes them
 * @property {boolean} [text] learns from captions without pictures first
 * @property {number} seeds how many times; two where the row decides something
 */

/** What all rows have in common. Half of the shipped model's embedding and an encoder at half its cost. */
export const BASE = [
  'encoder.source=mobilenet-v2',
  'precision=fp32',
  'stages.language.epochs=0',
  'stages.decoder.epochs=3',
  'stages.endToEnd.epochs=0',
  'optimiser.averaging=0',
];

/** One more epoch after three: each row below has the same start and as many looks at each photo. */
const ONE_MORE = ['stages.decoder.epochs=1', 'stages.decoder.learningRate=3e-4'];

/** @type {readonly Row[]} */
export const ROWS = [
  { name: 'plain', what: 'Show and Tell: no attention', set: ['decoder.attention=none'], seeds: 2 },
  { name: 'attention', what: '+ attention', set: [], seeds: 2 },
  {
    name: 'language',
    what: '+ language start, half an epoch',
    set: ['stages.language.epochs=0.5'],
    text: true,
    seeds: 2,
  },
  { name: 'more', what: 'one more epoch of `decoder`', from: 'language', set: ONE_MORE, seeds: 2 },
  {
    name: 'averaging',
    what: '… with averaging (0.99)',
    from: 'language',
    set: [...ONE_MORE, 'optimiser.averaging=0.99'],
    seeds: 2,
  },
  {
    name: 'scheduled-sampling',
    what: '… with scheduled sampling (0.25)',
    from: 'language',
    set: [...ONE_MORE, 'stages.decoder.scheduledSampling=0.25'],
    seeds: 2,
  },
  {
    name: 'end-to-end',
    what: '… of `endToEnd` in its place',
    from: 'language',
    set: ['stages.decoder.epochs=0', 'stages.endToEnd.epochs=1'],
    seeds: 2,
  },
  {
    name: 'cider',
    what: '… of `cider` in its place',
    from: 'language',
    set: ['stages.decoder.epochs=0', 'stages.cider.epochs=1'],
    seeds: 2,
  },
  { name: 'gru', what: 'attention, GRU', set: ['decoder.cell=gru'], seeds: 1 },
  { name: 'simple-rnn', what: 'attention, simple RNN', set: ['decoder.cell=simpleRnn'], seeds: 1 },
  { name: 'tags', what: 'attention, 5 tags to attend to', set: ['decoder.tags=5'], seeds: 1 },
  {
    name: 'lite0',
    what: 'attention, EfficientNet-Lite0',
    set: ['encoder.source=efficientnet-lite0'],
    seeds: 1,
  },
  {
    name: 'lite2',
    what: 'attention, EfficientNet-Lite2',
    set: ['encoder.source=efficientnet-lite2'],
    seeds: 1,
  },
];
