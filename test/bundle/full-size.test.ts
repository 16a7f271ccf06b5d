import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-node';
import { expect, it } from 'vitest';
import { loadBundle } from '../../src/bundle/index.js';
import { encodeImages } from '../../src/decoder/network.js';
import { loadGraphModelFile } from '../../src/encoder/load-graph-model.js';
import { asGrid, normalisePixels, runEncoder } from '../../src/encoder/run.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tensorflow.js';
import { encoderTensors } from '../support/encoder-tensors.js';
import { hasMobileNetV2, MOBILENET_V2, writeFullSizeBundle } from '../support/full-size-bundle.js';
import { largestDifference, openModel, uint8 } from '../support/onnx-run.js';

// Skipped where the pretrained network does not lie beside the repository.
it.skipIf(!hasMobileNetV2)('a real MobileNetV2 gives the decoder the same in both engines', async () => {
  const encoder = await loadGraphModelFile(MOBILENET_V2, {
    name: 'mobilenet-v2-1.00',
    size: 224,
    mean: 127.5,
    deviation: 127.5,
    feature: 'module_apply_default/MobilenetV2/Conv_1/Relu6',
    classifier: 'module_apply_default/MobilenetV2/Logits/output',
  });
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    const { configuration, decoder } = await writeFullSizeBundle(join(folder, 'model'), encoder, 'fp32');
    const { encoderPath } = await loadBundle(join(folder, 'model'));
    const random = new Random(2);
    // Patches of 16x16: noise of single pixels is nothing that a network for photos sees as an image.
    const coarse = Array.from({ length: 2 * 14 * 14 * 3 }, () => random.integer(256));
    const patches = tf.image.resizeNearestNeighbor(tf.tensor4d(coarse, [2, 14, 14, 3]), [224, 224]);
    const pixels = Uint8Array.from(patches.dataSync());

    const { run } = await openModel(encoderPath);
    const outputs = await run({ pixels: uint8(pixels, 2, 224, 224, 3) });
    const images = normalisePixels(encoder, patches);
    const wanted = [encoder.feature, encoder.classifier ?? ''];
    const [feature, logits] = runEncoder(encoder, encoderTensors(encoder), images, wanted) as [
      Tensor,
      Tensor,
    ];
    const tensors = new Map(
      [...decoder].map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
    );
    const encoded = encodeImages(configuration, tensors, { grid: asGrid(feature) as Tensor3D });
    const expected = {
      memory: encoded.memory,
      keys: encoded.keys,
      h0: encoded.states[0],
      c0: encoded.states[1],
      classLogits: logits,
    };
    for (const [name, tensor] of Object.entries(expected)) {
      expect(largestDifference(outputs[name]!.values, tensor!.dataSync()), name).toBeLessThan(1e-3);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
