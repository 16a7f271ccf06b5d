import type { Random } from '../../src/random.js';
import { sizeOf, type Weights } from '../../src/weights.js';

/** A stage of EfficientNet-Lite: how many blocks, and of the first its stride; all have the kernel and the width. */
export interface LiteStage {
  readonly blocks: number;
  readonly stride: number;
  readonly kernel: number;
  readonly width: number;
}

/** From the paper's table of the form B0, in the widths and depths of the two sizes. */
const PLAN = { strides: [1, 2, 2, 2, 1, 2, 1], kernels: [3, 3, 5, 3, 5, 5, 3] };
const SIZES = {
  'efficientnet-lite0': { blocks: [1, 2, 2, 3, 3, 4, 1], widths: [16, 24, 40, 80, 112, 192, 320] },
  'efficientnet-lite2': { blocks: [1, 3, 3, 4, 4, 5, 1], widths: [16, 24, 48, 88, 120, 208, 352] },
};

export function liteStages(name: keyof typeof SIZES, narrowing = 1): LiteStage[] {
  const { blocks, widths } = SIZES[name];
  return blocks.map((count, stage) => ({
    blocks: count,
    stride: PLAN.strides[stage] ?? 1,
    kernel: PLAN.kernels[stage] ?? 3,
    width: (widths[stage] ?? 8) / narrowing,
  }));
}

export interface LiteWidths {
  readonly stem: number;
  readonly expansion: number;
  readonly head: number;
  readonly classes: number;
}

/** Weights under the names and in the shapes that PyTorch gives them: random, or zeros. */
export function liteStateDict(stages: readonly LiteStage[], widths: LiteWidths, random?: Random): Weights {
  const weights: Weights = new Map();
  const set = (name: string, shape: number[], value: (random: Random) => number) => {
    const next = random === undefined ? () => 0 : () => value(random);
    weights.set(name, { shape, values: Float32Array.from({ length: sizeOf(shape) }, next) });
  };
  const around0 = (deviation: number) => (from: Random) => deviation * from.normal();
  const around1 = (from: Random) => 0.5 + from.uniform();
  const convolution = (name: string, normalisation: string, shape: [number, number, number, number]) => {
    const [out, ...inputs] = shape;
    set(`${name}.weight`, shape, around0(1 / Math.sqrt(sizeOf(inputs))));
    for (const part of ['bias', 'running_mean']) set(`${normalisation}.${part}`, [out], around0(0.1));
    for (const part of ['weight', 'running_var']) set(`${normalisation}.${part}`, [out], around1);
  };
  convolution('_conv_stem', '_bn0', [widths.stem, 3, 3, 3]);
  let into = widths.stem;
  let index = 0;
  for (const [stage, { blocks, kernel, width }] of stages.entries()) {
    for (let block = 0; block < blocks; block++, index++, into = width) {
      const wide = stage === 0 ? into : into * widths.expansion;
      const name = `_blocks.${index}`;
      if (stage > 0) convolution(`${name}._expand_conv`, `${name}._bn0`, [wide, into, 1, 1]);
      convolution(`${name}._depthwise_conv`, `${name}._bn1`, [wide, 1, kernel, kernel]);
      convolution(`${name}._project_conv`, `${name}._bn2`, [width, wide, 1, 1]);
    }
  }
  convolution('_conv_head', '_bn1', [widths.head, into, 1, 1]);
  set('_fc.weight', [widths.classes, widths.head], around0(1 / Math.sqrt(widths.head)));
  set('_fc.bias', [widths.classes], around0(0.1));
  return weights;
}
