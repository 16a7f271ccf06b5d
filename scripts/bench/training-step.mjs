// node training-step.mjs FOLDER decoder|endToEnd STEPS: times Legenda's step on what training-problem.mjs wrote.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '', stage = 'decoder', steps = '5'] = process.argv.slice(2);
const dist = new URL('../../dist/', import.meta.url);
/** @param {string} path */
const load = (path) => import(new URL(path, dist).href);
const { tf } = await load('tensorflow.js');
const { layOutCaptions } = await load('decoder/caption-batch.js');
const { captionLoss, encodeImages } = await load('decoder/network.js');
const { Random } = await load('random.js');
const { SPECIAL_TOKENS, Vocabulary } = await load('text/index.js');
const { CaptionModel } = await load('training/caption-model.js');
const { trainingConfigurationSchema } = await load('training/configuration.js');
const { Optimiser } = await load('training/optimiser.js');
const { picturesAtOnce } = await load('training/pictures-at-once.js');
const { trainingStep } = await load('training/stage.js');
const { teachingLosses } = await load('training/teaching-loss.js');
const { readWeightsFile } = await load('weights-file.js');

const problem = JSON.parse(readFileSync(join(folder, 'problem.json'), 'utf8'));
const names = Array.from({ length: problem.words - SPECIAL_TOKENS.length }, (_, word) => `w${word}`);
const model = new CaptionModel({
  configuration: problem.configuration,
  vocabulary: new Vocabulary([...SPECIAL_TOKENS, ...names]),
  encoder: { ...problem.encoder, weights: await readWeightsFile(join(folder, 'encoder.safetensors')) },
  decoder: await readWeightsFile(join(folder, 'decoder.safetensors')),
});
const inputs = await readWeightsFile(join(folder, 'inputs.safetensors'));
const { shape, values } = inputs.get(stage === 'decoder' ? 'grid' : 'pixels');
const given = tf.tensor(values, shape);
const configuration = trainingConfigurationSchema.parse({});
const options = configuration.stages.endToEnd;

/** The pictures of a step, in the parts that a step works through. */
const parts =
  stage === 'decoder'
    ? [{ start: 0, end: problem.captions.length }]
    : picturesAtOnce(problem.captions.length, problem.encoder.input);
/** @param {{start: number, end: number}} part */
const gridOf = ({ start, end }) => {
  const rows = given.slice([start], [end - start]);
  return stage === 'decoder' ? rows : model.features(rows);
};
/** @type {{captions: {targets: Int32Array}, grid: () => object}[]} */
const lessons = parts.map((/** @type {{start: number, end: number}} */ part) => ({
  captions: layOutCaptions(problem.captions.slice(part.start, part.end)),
  grid: () => gridOf(part),
}));

const words = lessons.reduce((sum, { captions }) => sum + captions.targets.length, 0);
let loss = 0;
for (const { captions, grid } of lessons) {
  const part = tf.tidy(() => {
    const encoded = encodeImages(model.configuration, model.decoder, { grid: grid() });
    return captionLoss(model.configuration, model.decoder, encoded, captions, options.labelSmoothing);
  });
  loss += (part.dataSync()[0] * captions.targets.length) / words;
}

const optimiser = new Optimiser(configuration.optimiser);
const random = new Random(1);
const trained = {
  name: stage,
  variables: stage === 'decoder' ? model.ofDecoder : model.all,
  rateOf: () => 1e-6,
};
const take = () => {
  const losses = teachingLosses(model, { ...options, scheduledSampling: 0 }, lessons, 0, random);
  trainingStep(
    trained,
    { images: problem.captions.length, losses, dispose() {} },
    optimiser,
    configuration.clip,
    1,
  );
};
take();
take();
const ms = [];
const before = process.cpuUsage();
for (let step = 0; step < Number(steps); step++) {
  const start = performance.now();
  take();
  ms.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6 / Number(steps);
console.log(JSON.stringify({ loss, ms, cpuSeconds, peakMiB: process.resourceUsage().maxRSS / 1024 }));
