import { describe, expect, it } from 'vitest';
import { GraphModelBuilder, WINDOW } from '../support/graph-model.js';

const POOL = { ksize: [1, 3, 2, 1], strides: [1, 2, 3, 1] } as const;

describe('a model that cannot be imported is refused, naming what and where', () => {
  const scalar = (graph: GraphModelBuilder) => graph.weight('two', [], [2]);
  it.each<[string, (graph: GraphModelBuilder) => string, string]>([
    [
      'padding by hand',
      (graph) => graph.node('out', 'Pad', ['image', graph.integers('by', [0, 0, 1, 1, 1, 1, 0, 0])]),
      'Pad at out',
    ],
    [
      'resizing',
      (graph) => graph.node('out', 'ResizeBilinear', ['image', graph.integers('size', [4, 4])]),
      'ResizeBilinear at out',
    ],
    [
      'a fused activation',
      (graph) =>
        graph.node('out', '_FusedConv2D', ['image', graph.weight('kernel', [3, 3, 3, 4])], {
          ...WINDOW,
          fused_ops: ['LeakyRelu'],
        }),
      '_FusedConv2D with LeakyRelu at out',
    ],
    [
      'a fused sum',
      (graph) => {
        const [kernel, bias] = [graph.weight('kernel', [3, 3, 3, 3]), graph.weight('bias', [3])];
        return graph.node('out', '_FusedConv2D', ['image', kernel, bias, 'image'], {
          ...WINDOW,
          fused_ops: ['BiasAdd', 'Add', 'Relu'],
        });
      },
      '_FusedConv2D with BiasAdd, Add, Relu at out',
    ],
    [
      'channels first',
      (graph) => graph.node('out', 'MaxPool', ['image'], { ...POOL, padding: 'SAME', data_format: 'NCHW' }),
      'NCHW at out',
    ],
    [
      'explicit padding',
      (graph) => graph.node('out', 'MaxPool', ['image'], { ...POOL, padding: 'EXPLICIT' }),
      'EXPLICIT at out',
    ],
    [
      'a constant factor after the first layer',
      (graph) => graph.node('out', 'Mul', [graph.convolution('first', 'image', [3, 4]), scalar(graph)]),
      'Mul of a constant',
    ],
    [
      'pixels read both scaled and as they are',
      (graph) => {
        const scaled = graph.node('scaled', 'Mul', ['image', scalar(graph)]);
        return graph.node('out', 'ConcatV2', [scaled, 'image', graph.integers('axis', [3])]);
      },
      'Mul of a constant',
    ],
    [
      'a factor for each colour',
      (graph) => graph.node('out', 'Mul', ['image', graph.weight('factors', [3], [1, 2, 3])]),
      'Mul at out',
    ],
    [
      'a product of two layers',
      (graph) => graph.node('out', 'Mul', ['image', graph.convolution('first', 'image', [3, 3])]),
      'Mul at out',
    ],
    [
      'a normalisation of what another layer reads too',
      (graph) => {
        const linear = graph.convolution('linear', 'image', [3, 4]);
        return graph.node('out', 'AddV2', [graph.batchNormalisation('normal', linear, 4), linear]);
      },
      'FusedBatchNormV3 other than right after a convolution',
    ],
    [
      'a normalisation after an activation',
      (graph) => {
        const relu = graph.node('relu', 'Relu', [graph.convolution('first', 'image', [3, 4])]);
        return graph.batchNormalisation('normal', relu, 4);
      },
      'FusedBatchNormV3 other than right after a convolution',
    ],
    [
      'a mean over the channels',
      (graph) => graph.node('out', 'Mean', ['image', graph.integers('axes', [3])]),
      'Mean at out',
    ],
    [
      'a reshaping to another grid',
      (graph) => graph.node('out', 'Reshape', ['image', graph.integers('shape', [-1, 6, 20, 3])]),
      'Reshape to anything but a vector at out',
    ],
    [
      'a join of rows',
      (graph) => graph.node('out', 'ConcatV2', ['image', 'image', graph.integers('axis', [1])]),
      'ConcatV2 at out',
    ],
    [
      'a transposed kernel',
      (graph) => {
        const flat = graph.node('flat', 'Reshape', ['image', graph.integers('shape', [-1, 360])]);
        return graph.node('out', 'MatMul', [flat, graph.weight('kernel', [5, 360])], { transpose_b: true });
      },
      'MatMul at out',
    ],
  ])('%s', (_, build, named) => {
    const graph = new GraphModelBuilder();
    const feature = build(graph);
    const failure = failureOf(() => graph.imported(feature));
    expect(failure.code).toBe('ENCODER_OPERATION_UNKNOWN');
    expect(failure.message).toContain(named);
  });

  it.each<[string, (graph: GraphModelBuilder) => string, string]>([
    ['a feature that is not there', () => 'lost', 'a node named lost'],
    ['an input that is not there', (graph) => graph.node('out', 'Relu', ['lost']), 'a node named lost'],
    [
      'a kernel without values',
      (graph) => graph.node('out', 'Conv2D', ['image', graph.node('empty', 'Const', [])], WINDOW),
      'no values for empty',
    ],
  ])('%s', (_, build, named) => {
    const graph = new GraphModelBuilder();
    const feature = build(graph);
    const failure = failureOf(() => graph.imported(feature));
    expect(failure.code).toBe('ENCODER_INVALID');
    expect(failure.message).toContain(named);
  });
});

function failureOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing failed');
}
