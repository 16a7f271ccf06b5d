import { z } from 'zod';
import type { ServedModel } from './captions/caption-service.js';
import type { Operation, Operations } from './operation.js';

const size = z.int().min(1);
const modelsSchema = z.strictObject({
  models: z
    .array(
      z.strictObject({
        name: z.string(),
        view: z
          .strictObject({
            fit: z.enum(['squash', 'centreCrop']),
            width: size,
            height: size,
            grid: z
              .strictObject({ height: size, width: size })
              .describe('Cells that attention has weights for'),
          })
          .describe('How a photo becomes what the model looks at'),
      }),
    )
    .describe('The first is taken where none is named'),
});

const listModels: Operation = {
  method: 'GET',
  path: '/v1/models',
  id: 'listModels',
  summary: 'The models that caption here',
  answers: { 200: { description: 'The models', content: { 'application/json': modelsSchema } } },
};

export function addModelRoutes(operations: Operations, models: readonly ServedModel[]): void {
  const answer: z.infer<typeof modelsSchema> = { models: [...models] };
  operations.add(listModels, () => answer);
}
