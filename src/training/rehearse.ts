import type { StageName } from './configuration.js';
import { scoreDevSets } from './dev-score.js';
import { EncodedFeatures, type FeatureSource } from './feature-source.js';
import { looksOf, type StageInputs, stageOf } from './open-stage.js';
import { Optimiser } from './optimiser.js';
import { pixelLoader } from './pixels.js';
import type { TimeBudgetState } from './progress.js';
import { stepPlanner, stepsPerEpoch } from './run-stage.js';
import { trainingStep } from './stage.js';
import type { StageCost } from './time-plan.js';

/** Steps of each stage; the first, which is slower, is not counted. */
const STEPS = 3;
const PICTURES = 32;
/** Export writes the model twice, with its metrics the second time, and loads it. */
const EXPORT_SECONDS = 3;

/**
 * What the stages of a run and its end will cost, from a few steps of each that move no weight.
 * @param save saves a checkpoint.
 */
export async function rehearse(
  stages: readonly StageName[],
  inputs: StageInputs,
  save: () => Promise<void>,
): Promise<Pick<TimeBudgetState, 'saving' | 'after' | 'costs'>> {
  const { configuration, model, data } = inputs;
  const features = new EncodedFeatures(
    model,
    data.paths,
    pixelLoader(model.network, configuration.encoder.fit),
  );
  const saving = await timed(save);
  const some = Array.from({ length: Math.min(PICTURES, data.paths.length) }, (_, index) => index);
  const read = async () => (await features.read(some)).dispose();
  await read();
  const encoding = (await timed(read)) / some.length;
  const { writing, looking } = await timeOfScore(inputs, features);
  const scores = configuration.optimiser.averaging > 0 ? 2 : 1;
  const costs: Partial<Record<StageName, StageCost>> = {};
  let encoderMoved = true;
  for (const name of stages) {
    const cached = name === 'decoder' || name === 'cider';
    costs[name] = {
      ...(await costOfSteps(name, inputs, features, saving)),
      epochs: configuration.stages[name].epochs,
      // Again for an encoder that has moved.
      secondsBefore: cached && encoderMoved ? encoding * looksOf(inputs).total : 0,
      secondsPerEpoch: 2 * saving + scores * (name === 'language' ? 0 : cached ? writing : writing + looking),
    };
    if (cached) encoderMoved = false;
    if (name === 'endToEnd') encoderMoved = true;
  }
  return { saving, after: EXPORT_SECONDS + 4 * saving + writing + looking, costs };
}

/** A step of a stage with its share of checkpoints. */
async function costOfSteps(
  name: StageName,
  inputs: StageInputs,
  features: FeatureSource,
  saving: number,
): Promise<Pick<StageCost, 'stepsPerEpoch' | 'secondsPerStep'>> {
  const { configuration, signal } = inputs;
  const stage = stageOf(name, inputs, features);
  const prepare = stepPlanner(configuration, stage);
  const perEpoch = stepsPerEpoch(stage);
  const optimiser = new Optimiser(configuration.optimiser);
  const times: number[] = [];
  for (let step = 0; step < Math.min(STEPS, perEpoch); step++) {
    signal?.throwIfAborted();
    const prepared = await prepare(step, perEpoch);
    try {
      // At a rate of 0 every weight stays what it is.
      times.push(
        await timed(async () => void trainingStep(stage, prepared, optimiser, configuration.clip, 0)),
      );
    } finally {
      prepared.dispose();
    }
  }
  optimiser.dispose();
  const counted = times.length > 1 ? times.slice(1) : times;
  const mean = counted.reduce((sum, time) => sum + time, 0) / counted.length;
  return { stepsPerEpoch: perEpoch, secondsPerStep: mean + saving / configuration.checkpointSteps };
}

/** Of all dev pictures: to write their captions, and to look at them before. */
async function timeOfScore(
  { configuration, model, data }: StageInputs,
  features: FeatureSource,
): Promise<{ writing: number; looking: number }> {
  const pictures = data.devSets.reduce((sum, { images }) => sum + images.length, 0);
  const [first] = data.devSets;
  if (first === undefined) return { writing: 0, looking: 0 };
  const some = { ...first, images: first.images.slice(0, PICTURES) };
  let looking = 0;
  const read = async (images: readonly number[]) => {
    const started = performance.now();
    const grid = await features.read(images);
    looking += (performance.now() - started) / 1000;
    return grid;
  };
  const watched: FeatureSource = { read, draw: read };
  const both = await timed(async () => {
    await scoreDevSets([some], model, watched, configuration.vocabulary.maximumLength);
  });
  const times = pictures / some.images.length;
  return { writing: (both - looking) * times, looking: looking * times };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
