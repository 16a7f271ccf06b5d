import { z } from 'zod';
import { decoderConfigurationSchema } from '../decoder/configuration.js';
import { encoderConfigurationSchema } from '../encoder/configuration.js';
import { SEARCH_DEFAULTS } from '../search/index.js';
import { UNITS } from '../text/index.js';

const optimiserSchema = z
  .strictObject({
    kind: z
      .enum(['adam', 'rmsProp', 'sgd'])
      .default('adam')
      .describe(
        'Adam needs the least tuning; RMSProp keeps one slot less; SGD with momentum, the plainest, wants learning rates some ' +
          'hundred times as high',
      ),
    beta1: z.number().min(0).max(0.9999).default(0.9).describe('Adam: decay of the mean gradient'),
    beta2: z.number().min(0).max(0.99999).default(0.999).describe('Adam: decay of the mean squared gradient'),
    decay: z
      .number()
      .min(0)
      .max(0.99999)
      .default(0.9)
      .describe('RMSProp: decay of the mean squared gradient, as its authors have it'),
    momentum: z
      .number()
      .min(0)
      .max(0.9999)
      .default(0.9)
      .describe('SGD: share of the step before that is taken again (Polyak 1964); 0 for none'),
    epsilon: z
      .number()
      .positive()
      .default(1e-8)
      .describe('Adam, RMSProp: added to the root, against division by zero'),
    averaging: z
      .number()
      .min(0)
      .max(0.99999)
      .default(0)
      .describe(
        'Decay of a moving average of the weights, which is scored on dev beside them and kept where it is better (Polyak ' +
          'and Juditsky 1992); 0.999 is usual, 0 for none',
      ),
  })
  .prefault({});

const clipSchema = z
  .strictObject({
    kind: z
      .enum(['none', 'value', 'norm', 'globalNorm'])
      .default('globalNorm')
      .describe(
        'Of each value, of each tensor, or of all tensors together, which keeps the direction (Pascanu et al. 2013)',
      ),
    limit: z.number().positive().default(5).describe('Largest value or norm'),
  })
  .prefault({});

const searchSchema = z
  .strictObject({
    beamWidth: z
      .int()
      .min(1)
      .default(SEARCH_DEFAULTS.beamWidth)
      .describe('Captions under way: more take longer')
      .meta({ unit: 'captions' }),
    lengthPenalty: z
      .number()
      .min(0)
      .default(SEARCH_DEFAULTS.lengthPenalty)
      .describe('How much longer captions are favoured: score = log-probability / length^penalty'),
    consensus: z
      .int()
      .min(0)
      .default(SEARCH_DEFAULTS.consensus)
      .describe(
        'Of so many captions the one that agrees most with the others is taken, 0 for the likeliest; half the beam is best, ' +
          'and legenda calibrate tries all of it',
      )
      .meta({ unit: 'captions' }),
  })
  .refine(({ beamWidth, consensus }) => consensus <= beamWidth, {
    error: 'consensus among more captions than the beam keeps',
    path: ['consensus'],
  })
  .prefault({})
  .describe(
    "How the model's captions are looked for where nothing else is asked for; training itself does not use it",
  );

interface StageDefaults {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly patience?: number;
}

/** The options that all stages share; the stages differ in their defaults. */
function commonSchema(defaults: StageDefaults) {
  return z.strictObject({
    epochs: z
      .number()
      .min(0)
      .default(defaults.epochs)
      .describe('Passes over the training images, with a fraction too; 0 leaves the stage out')
      .meta({ unit: 'epochs' }),
    batch: z
      .int()
      .min(1)
      .default(defaults.batch)
      .describe('Images a step; their captions go with them')
      .meta({ unit: 'images' }),
    learningRate: z
      .number()
      .positive()
      .default(defaults.learningRate)
      .describe("Of the decoder's weights, at its highest"),
    warmUpSteps: z
      .int()
      .min(0)
      .default(100)
      .describe('Steps over which the learning rate rises from zero')
      .meta({ unit: 'steps' }),
    decay: z
      .enum(['cosine', 'none'])
      .default('cosine')
      .describe('How the learning rate falls after that; cosine ends at a twentieth'),
    patience: z
      .int()
      .min(0)
      .default(defaults.patience ?? 0)
      .describe(
        'Epochs without a better dev score after which the stage ends, and the next starts from the best weights so far; 0 ' +
          'for never',
      )
      .meta({ unit: 'epochs' }),
  });
}

/** The options of a stage that learns from people's captions. */
function stageSchema(defaults: StageDefaults) {
  return commonSchema(defaults).extend({
    captionsPerImage: z
      .int()
      .min(1)
      .default(5)
      .describe('At most; of more, others are drawn each epoch')
      .meta({ unit: 'captions' }),
    labelSmoothing: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.1)
      .describe('Share of each target spread over all words')
      .meta({ unit: 'share' }),
  });
}

/** Of the stages that teach captions of pictures. */
const scheduledSampling = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe(
    'Share of input words that the decoder replaces with its own at the end of the stage, rising from 0 (Bengio et al. 2015)',
  )
  .meta({ unit: 'share' });

/** Everything that decides a training run: types, defaults, units and reasons. */
export const trainingConfigurationSchema = z.strictObject({
  name: z.string().min(1).default('caption-model').describe("The model's name"),
  licence: z.string().default('not stated').describe("The model's licence, as the bundle states it"),
  language: z
    .string()
    .default('en')
    .describe('BCP 47 tag of the captions: how they are taken apart into words, and written'),
  card: z
    .strictObject({
      data: z.string().default('Not stated.').describe('Markdown: what the model learnt from, with licences'),
      limits: z
        .string()
        .default('Not stated.')
        .describe('Markdown: what it is not good at, what it is not for'),
    })
    .prefault({})
    .describe('What the model card says in words; the figures are filled in'),
  seed: z.int().min(0).default(1).describe('Of weights, order, dropout and augmentation'),
  encoder: encoderConfigurationSchema.prefault({}),
  decoder: decoderConfigurationSchema.prefault({}),
  vocabulary: z
    .strictObject({
      minimumCount: z
        .int()
        .min(1)
        .default(5)
        .describe(
          'Times a word must occur in training captions to be learnt; with --init, to be added to those of the model',
        )
        .meta({ unit: 'occurrences' }),
      unit: z
        .enum(UNITS)
        .default('words')
        .describe(
          'What is written one at a time. Words are best, also where no spaces part them; single characters need no ' +
            'vocabulary, for few captions in a language of many words, and a greater maximumLength',
        ),
      maximumLength: z
        .int()
        .min(1)
        .default(20)
        .describe('Words of a caption that are learnt; the rest is left off')
        .meta({ unit: 'words' }),
    })
    .prefault({}),
  stages: z
    .strictObject({
      language: stageSchema({ epochs: 1, batch: 32, learningRate: 7e-4 })
        .prefault({})
        .describe(
          'The decoder alone, from captions without pictures; left out where none are given (--text)',
        ),
      decoder: stageSchema({ epochs: 8, batch: 32, learningRate: 7e-4 })
        .extend({
          scheduledSampling,
          views: z
            .int()
            .min(0)
            .max(50)
            .default(0)
            .describe(
              'Augmented looks at each picture (crops, colours, mirror images) that are drawn from, beside the picture as it is, in ' +
                'this stage and in cider: they keep the decoder from learning pictures by heart. Each costs as much time and disk as ' +
                'the picture itself. With 0 there is its mirror image alone',
            )
            .meta({ unit: 'looks' }),
        })
        .prefault({})
        .describe('The encoder stays as it is; its features are computed once and kept on disk'),
      endToEnd: stageSchema({ epochs: 2, batch: 32, learningRate: 2e-4 })
        .extend({
          encoderLearningRate: z
            .number()
            .positive()
            .default(2e-5)
            .describe(
              "Of the encoder's weights; small, so that it forgets little of what it was pretrained on",
            ),
          scheduledSampling,
          distillation: z
            .number()
            .min(0)
            .default(0)
            .describe(
              'Weight of the divergence of its class probabilities from those at the start of the stage, which keeps it from ' +
                'forgetting what captions never name; needs a classifier and a second look at one picture in four',
            ),
          augment: z.boolean().default(true).describe('Random crops, mirror images and colours'),
        })
        .prefault({})
        .describe('Encoder and decoder together, from pixels'),
      cider: commonSchema({ epochs: 0, batch: 32, learningRate: 5e-5, patience: 1 })
        .extend({
          samples: z
            .int()
            .min(2)
            .max(64)
            .default(5)
            .describe('Captions drawn for each image; each is judged by the others')
            .meta({ unit: 'captions' }),
          temperature: z
            .number()
            .positive()
            .max(2)
            .default(0.5)
            .describe(
              'Draws from softmax(logits / temperature). Label smoothing leaves a little for every word of the vocabulary: at 1 ' +
                'most captions drawn hold one at random, and the decoder would learn to stop early',
            ),
        })
        .prefault({})
        .describe(
          'The decoder learns to write captions of a higher CIDEr-D from its own (self-critical, Rennie et al. 2017); the ' +
            'encoder stays as it is',
        ),
    })
    .prefault({}),
  search: searchSchema,
  optimiser: optimiserSchema,
  clip: clipSchema,
  checkpointSteps: z
    .int()
    .min(1)
    .default(200)
    .describe('Steps between checkpoints; there is one at the end of an epoch too')
    .meta({ unit: 'steps' }),
  precision: z
    .enum(['fp32', 'fp16', 'int8'])
    .default('fp16')
    .describe(
      "The model's weights: fp16 is half the size of fp32 and as good, int8 a quarter and twice as fast",
    ),
});

export type TrainingConfiguration = z.infer<typeof trainingConfigurationSchema>;
export type StageName = keyof TrainingConfiguration['stages'];
/** What the loop over a stage's steps reads. */
export type StageConfiguration = Omit<
  TrainingConfiguration['stages']['decoder'],
  'labelSmoothing' | 'scheduledSampling' | 'views'
>;
export const STAGES = ['language', 'decoder', 'endToEnd', 'cider'] as const satisfies readonly StageName[];
