import { z } from 'zod';

const units = (value: number, what: string) =>
  z.int().min(1).max(8192).default(value).describe(what).meta({ unit: 'units' });
const rate = (value: number, what: string) =>
  z.number().min(0).max(0.95).default(value).describe(what).meta({ unit: 'share' });

/** The decoder's form: each option with its default and the reason for it. The weights' shapes follow from it. */
export const decoderConfigurationSchema = z
  .strictObject({
    cell: z
      .enum(['simpleRnn', 'lstm', 'gru'])
      .default('lstm')
      .describe('Recurrent cell; the LSTM keeps the longest memory and trains the most steadily'),
    layers: z
      .int()
      .min(1)
      .max(4)
      .default(1)
      .describe('Stacked cells; a second adds cost and little quality here'),
    hidden: units(512, 'Hidden units D; also the width of the projected feature grid'),
    embedding: units(256, 'Units E of a word embedding'),
    attention: z
      .enum(['additive', 'none'])
      .default('additive')
      .describe(
        'Whether each word looks at the feature grid again (Bahdanau et al. 2015) or only at its mean',
      ),
    attentionUnits: units(256, 'Attention units A'),
    tags: z
      .int()
      .min(0)
      .max(20)
      .default(0)
      .describe(
        "Words of the image's likeliest ImageNet classes that a caption can look at beside the grid; needs attention and an " +
          'encoder with its classifier',
      )
      .meta({ unit: 'words' }),
    inject: z
      .enum(['state', 'firstToken', 'everyStep'])
      .default('state')
      .describe('How the image enters: as the first state, as a word before the first, or beside every word'),
    tieEmbedding: z
      .boolean()
      .default(true)
      .describe('Output words share the embedding (Press and Wolf 2017): fewer weights, better rare words'),
    tbptt: z
      .int()
      .min(0)
      .default(0)
      .describe(
        'Back-propagation through time is cut at every so many words, while the state goes on (Williams and Peng 1990); 0 never ' +
          'cuts: captions are short',
      )
      .meta({ unit: 'words' }),
    initialisation: z
      .strictObject({
        recurrent: z
          .enum(['orthogonal', 'glorot', 'normal'])
          .default('orthogonal')
          .describe(
            'Kernels from state to state: orthogonal keeps the length of what goes through (Saxe et al. 2014); Glorot uniform ' +
              'and normal with variance 1 / D shrink some directions and stretch others',
          ),
        forgetBias: z
          .number()
          .min(-10)
          .max(10)
          .default(1)
          .describe(
            "Bias of an LSTM's forget gate: at 1 it starts open, and the cell remembers from the start (Jozefowicz et al. 2015)",
          ),
      })
      .prefault({})
      .describe('Fresh weights of the recurrent cells'),
    dropout: z
      .strictObject({
        memory: rate(0.3, 'Share of the projected grid that is dropped'),
        embedding: rate(0.3, 'Share of the word embedding that is dropped'),
        output: rate(0.4, 'Share of the output units that is dropped'),
      })
      .prefault({})
      .describe('Dropout while training; more for small data sets'),
  })
  .refine(({ tags, attention }) => tags === 0 || attention === 'additive', {
    error: 'needs attention: additive',
    path: ['tags'],
  });

export type DecoderConfiguration = z.infer<typeof decoderConfigurationSchema>;

/** What the decoder's shapes depend on besides its configuration. */
export interface DecoderSizes {
  /** Cells L of the feature grid; 1 for a vector. */
  readonly gridCells: number;
  /** Channels C of a grid cell. */
  readonly channels: number;
  /** Words V, special tokens included. */
  readonly vocabulary: number;
}

/** Gates of a cell, side by side in its kernels' last axis. Order: lstm i f g o; gru z r n; simpleRnn one. */
export const GATES = { simpleRnn: 1, gru: 3, lstm: 4 } as const;

/** State tensors of a cell, in this order: h, and the cell state c of an LSTM. */
export const STATES = { simpleRnn: ['h'], gru: ['h'], lstm: ['h', 'c'] } as const;

/** The names of all state tensors `[rows, D]`, layer by layer: `h0`, `c0`, `h1`, `c1`, … */
export function stateNames(configuration: DecoderConfiguration): string[] {
  const names: string[] = [];
  for (let layer = 0; layer < configuration.layers; layer++) {
    for (const state of STATES[configuration.cell]) names.push(`${state}${layer}`);
  }
  return names;
}
