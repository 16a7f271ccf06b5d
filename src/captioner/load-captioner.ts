// Not from the folder's index, which also loads what only writes bundles and takes a fifth of a command's start.
import { type Bundle, openBundle } from '../bundle/load-bundle.js';
import { stateNames } from '../decoder/configuration.js';
import { loadSharp } from '../images/load-sharp.js';
import { Captioner } from './captioner.js';
import { type ConfidenceModel, readConfidence } from './confidence.js';
import { DEFAULT_MODEL } from './default-model.js';
import type { ExpectedWordsModel } from './expected-words.js';
import { readExpectedWords } from './expected-words-file.js';
import type { Network, NetworkModel } from './network.js';
import { NetworkThread, threadsHere } from './network-thread.js';
import { NetworkThreads } from './network-threads.js';

export interface LoadOptions {
  /**
   * Threads that the network may run on, each on a core. With 1 it runs on the thread that calls, which does nothing else
   * meanwhile. @defaultValue one a core, at most 8
   */
  readonly threads?: number;
}

/**
 * Opens a trained model for captioning.
 * @param modelDirectory a bundle's folder. @defaultValue the model that comes with Legenda
 * @throws `BUNDLE_NOT_FOUND`, `BUNDLE_BROKEN` naming the file, `BUNDLE_VERSION`.
 */
export async function loadCaptioner(
  modelDirectory = DEFAULT_MODEL,
  { threads = threadsHere() }: LoadOptions = {},
): Promise<Captioner> {
  // Started first, so that it starts while the files are read.
  const thread = threads > 1 ? NetworkThread.startedOrNew() : undefined;
  try {
    const { bundle, verified } = await openBundle(modelDirectory);
    const opening = openWhole(bundle, threads, thread);
    // While the thread opens its graphs; pictures are asked for as soon as it has.
    const all = await Promise.allSettled([verified, opening, loadSharp()]);
    // What is wrong with a file is told rather than what came of it.
    const failed = all.find(({ status }) => status === 'rejected');
    const [, opened] = all;
    if (opened.status === 'fulfilled' && failed === undefined) return opened.value;
    if (opened.status === 'fulfilled') await opened.value.close();
    throw (failed as PromiseRejectedResult).reason;
  } catch (error) {
    await thread?.close();
    throw error;
  }
}

/** Opens a bundle with what its files say that calibrating it has found. */
async function openWhole(
  bundle: Bundle,
  threads: number,
  thread: NetworkThread | undefined,
): Promise<Captioner> {
  const [confidence, expectedWords] = await Promise.all([readConfidence(bundle), readExpectedWords(bundle)]);
  return openCaptioner(bundle, { confidence, expectedWords }, threads, thread);
}

/** What the files of a calibrated model say. */
interface Found {
  readonly confidence?: ConfidenceModel | undefined;
  readonly expectedWords?: ExpectedWordsModel | undefined;
}

/** Opens a bundle with what is known of it besides. @param thread one of the threads that the network is to run on, if it has started. */
export async function openCaptioner(
  bundle: Bundle,
  { confidence, expectedWords }: Found,
  threads = threadsHere(),
  thread?: NetworkThread,
): Promise<Captioner> {
  const model = networkModel(bundle, expectedWords);
  const network =
    threads > 1
      ? await NetworkThreads.open(threads, model, thread ?? new NetworkThread())
      : await openHere(model);
  return new Captioner(bundle, network, { confidence, knowsWords: expectedWords !== undefined });
}

/** ONNX Runtime is not loaded where it is not run: it takes a twentieth of a second. */
async function openHere(model: NetworkModel): Promise<Network> {
  const { LocalNetwork } = await import('./local-network.js');
  return LocalNetwork.open(model);
}

/** What the network needs of the bundle. */
function networkModel(
  { manifest, vocabulary, tags, encoderPath, decoderPath }: Bundle,
  expectedWords: ExpectedWordsModel | undefined,
): NetworkModel {
  const { encoder, decoder } = manifest.configuration;
  return {
    encoderPath,
    decoderPath,
    words: vocabulary.words,
    tags,
    expectedWords,
    size: { height: encoder.height, width: encoder.width },
    gridCells: manifest.featureGrid.cells,
    stateNames: stateNames(decoder),
  };
}
