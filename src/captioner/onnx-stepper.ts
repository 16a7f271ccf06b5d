import { type InferenceSession, Tensor } from '../onnx-runtime.js';
import type { DecoderStepper, StepOutput, WantedWords } from '../search/index.js';
import { type EncodedImages, floats } from './onnx-encoder.js';
import { Workspace } from './workspace.js';

/** Captions under way: `groups` images with `perGroup` neighbouring rows each. */
export interface OnnxRows {
  readonly groups: number;
  readonly perGroup: number;
  readonly memory: Tensor;
  readonly keys: Tensor | undefined;
  /**
   * Whether memory and keys are these rows' alone: `select` then writes over those of images that leave. To copy the rest for
   * each image that is done takes 15 MB more a thread.
   */
  readonly own: boolean;
  /** `[rows, D]` each, in the order of the state names. */
  readonly states: readonly Float32Array[];
}

export interface OnnxStepperOptions {
  readonly vocabularySize: number;
  readonly stateNames: readonly string[];
  /** Whether to fetch where each row looks, if the network attends. */
  readonly attention: boolean;
  /** Where memory and keys of the rows lie once images have left: one search at a time. */
  readonly workspace?: Workspace;
  /** When aborted, the next step throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs decoder.onnx step by step. An image's memory and keys are stored once, however many rows it has. */
export class OnnxStepper implements DecoderStepper<EncodedImages, OnnxRows> {
  readonly vocabularySize: number;
  private readonly stateNames: readonly string[];
  private readonly readsMemory: boolean;
  private readonly readsKeys: boolean;
  private readonly outputs: readonly string[];
  /** How many of each row's likeliest words the graph gives by themselves; 0 in bundles of before. */
  private readonly mostLikeliest: number;
  private readonly workspace: Workspace;
  private readonly signal: AbortSignal | undefined;

  constructor(
    private readonly session: InferenceSession,
    { vocabularySize, stateNames, attention, workspace = new Workspace(), signal }: OnnxStepperOptions,
  ) {
    this.vocabularySize = vocabularySize;
    this.stateNames = stateNames;
    this.workspace = workspace;
    this.signal = signal;
    this.readsMemory = session.inputNames.includes('memory');
    this.readsKeys = session.inputNames.includes('keys');
    const looks = attention && session.outputNames.includes('attention');
    const next = stateNames.map((name) => `next_${name}`);
    this.outputs = [...next, ...(looks ? ['attention'] : [])];
    const words = session.outputMetadata.find(({ name }) => name === 'words');
    this.mostLikeliest = words?.isTensor === true ? Number(words.shape[1]) : 0;
  }

  start({ count, memory, keys, states }: EncodedImages): OnnxRows {
    return { groups: count, perGroup: 1, memory, keys, own: false, states };
  }

  async step(tokens: Int32Array, rows: OnnxRows, wanted?: WantedWords): Promise<StepOutput<OnnxRows>> {
    this.signal?.throwIfAborted();
    const { groups, perGroup, memory, keys, states } = rows;
    const feeds: Record<string, Tensor> = { tokens: new Tensor('int32', tokens, [groups, perGroup]) };
    for (const [index, name] of this.stateNames.entries()) {
      const values = states[index] as Float32Array;
      feeds[name] = new Tensor('float32', values, [groups, perGroup, values.length / tokens.length]);
    }
    if (this.readsMemory) feeds.memory = memory;
    if (this.readsKeys && keys !== undefined) feeds.keys = keys;
    const few = wanted !== undefined && wanted.named === undefined && wanted.likeliest <= this.mostLikeliest;
    const words = few ? ['likeliest', 'words'] : ['logProbabilities'];
    const outputs = await this.session.run(feeds, [...words, ...this.outputs]);
    const next = this.stateNames.map((name) => floats(outputs[`next_${name}`]));
    return {
      state: { ...rows, states: next },
      logProbabilities: floats(outputs[few ? 'likeliest' : 'logProbabilities']),
      ...(few ? { tokens: outputs.words?.data as Int32Array } : {}),
      ...(outputs.attention === undefined ? {} : { attention: floats(outputs.attention) }),
    };
  }

  select(rows: OnnxRows, selected: Int32Array): OnnxRows {
    const before = rows.groups * rows.perGroup;
    const states = rows.states.map((values) => gather(values, values.length / before, selected));
    const { groups, perGroup } = group(selected, rows.perGroup);
    const same = groups.length === rows.groups && groups.every((kept, index) => kept === index);
    if (same) return { ...rows, perGroup, states };
    const keep = (name: string, tensor: Tensor) => {
      if (rows.own && isAscending(groups)) return moveUp(tensor, groups);
      const [count = 1] = tensor.dims;
      const length = (tensor.size / count) * groups.length;
      // Those that lie there already cannot be put in another order there, and rows apart of one image may be many.
      const apart = rows.own || groups.length > rows.groups;
      const room = apart ? new Float32Array(length) : this.workspace.floats(`kept ${name}`, length);
      return gatherTensor(tensor, groups, room);
    };
    const memory = this.readsMemory ? keep('memory', rows.memory) : rows.memory;
    const keys = rows.keys && keep('keys', rows.keys);
    return { groups: groups.length, perGroup, memory, keys, own: true, states };
  }
}

/**
 * The selected rows as groups of equally many neighbours of one image: `groups` holds each one's group before. Where
 * images have unequally many rows, each row is a group of its own.
 */
function group(selected: Int32Array, perGroupBefore: number): { groups: Int32Array; perGroup: number } {
  const owners = selected.map((row) => Math.floor(row / perGroupBefore));
  let perGroup = owners.findIndex((owner) => owner !== owners[0]);
  if (perGroup === -1) perGroup = owners.length;
  const even =
    owners.length % perGroup === 0 && owners.every((owner, row) => owner === owners[row - (row % perGroup)]);
  if (!even) return { groups: owners, perGroup: 1 };
  return { groups: owners.filter((_, row) => row % perGroup === 0), perGroup };
}

/** Rows of `width` values by number. */
function gather(
  values: Float32Array,
  width: number,
  rows: Int32Array,
  gathered = new Float32Array(rows.length * width),
): Float32Array {
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    gathered.set(values.subarray(from, from + width), i * width);
  }
  return gathered;
}

function isAscending(numbers: Int32Array): boolean {
  return numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);
}

function gatherTensor(tensor: Tensor, images: Int32Array, room: Float32Array<ArrayBuffer>): Tensor {
  const [count = 0, ...shape] = tensor.dims;
  const values = floats(tensor);
  return new Tensor('float32', gather(values, values.length / count, images, room), [
    images.length,
    ...shape,
  ]);
}

/** A tensor's images by ascending number, moved within its own memory, which is used up. */
function moveUp(tensor: Tensor, images: Int32Array): Tensor {
  const [count = 0, ...shape] = tensor.dims;
  const values = floats(tensor);
  const width = values.length / count;
  for (const [index, image] of images.entries()) {
    if (image !== index) values.copyWithin(index * width, image * width, (image + 1) * width);
  }
  return new Tensor('float32', values.subarray(0, images.length * width), [images.length, ...shape]);
}
