import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import type { Bundle } from '../bundle/index.js';
import { LegendaError } from '../errors.js';

export interface Sessions {
  readonly encoder: InferenceSession;
  readonly decoder: InferenceSession;
}

/**
 * The bundle's two graphs, ready to run.
 * @param threads cores that one run may use. @defaultValue all
 * @throws `BUNDLE_BROKEN` if ONNX Runtime cannot read one.
 */
export async function openSessions(bundle: Bundle, threads = availableParallelism()): Promise<Sessions> {
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'all',
    // Threads that wait by spinning take the cores from the decoding of the next images: a quarter of all time.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  const open = (path: string, threads: number) =>
    InferenceSession.create(path, { ...options, intraOpNumThreads: threads }).catch((cause: unknown) => {
      throw new LegendaError('BUNDLE_BROKEN', {
        expected: 'a graph that ONNX Runtime reads',
        received: `${path} (${cause instanceof Error ? cause.message : String(cause)})`,
        advice: 'fetch or write the model again',
        cause,
      });
    });
  const encoder = await open(bundle.encoderPath, threads);
  // A step's products are small: to share each costs more than it gains. The other cores read the next images meanwhile.
  const decoder = await open(bundle.decoderPath, Math.ceil(threads / 2)).catch(async (error: unknown) => {
    await encoder.release();
    throw error;
  });
  return { encoder, decoder };
}
