import { join } from 'node:path';
import { loadBundle } from '../bundle/index.js';
import { EFFICIENTNET_LITE_NAMES } from '../encoder/efficientnet-lite.js';
import { LegendaError } from '../errors.js';
import type { TrainingConfiguration } from '../training/configuration.js';
import { readConfiguration } from '../training/read-configuration.js';
import { allowedModel } from './allowed-model.js';
import { pathOf, type Roots } from './allowed-path.js';
import { claimRun, type RunOwner } from './claim-run.js';
import type { TrainingRequest } from './isolated-training.js';
import { parseTrainJob } from './train-contract.js';

/** Where a worker's train jobs read and write. */
export interface TrainJobSupplies {
  /** The folders that they may read below. */
  readonly roots: Roots;
  /** Folders of the models that they may go on from by name. */
  readonly models: readonly string[];
  /** The folder of their runs. */
  readonly runs: string;
}

/** Encoders that are no files of the worker's. */
const NAMED_ENCODERS: readonly string[] = ['mobilenet-v2', 'small-cnn', ...EFFICIENTNET_LITE_NAMES];

/**
 * A job in the terms of this machine, its run's folder taken.
 * @param data as it came.
 * @throws `JOB_INVALID`, `CONFIGURATION_INVALID`, `PATH_FORBIDDEN`, `DATASET_NOT_FOUND`, `FILE_UNREADABLE`, `BUNDLE_NOT_FOUND`,
 *   `ENCODER_INVALID`, `OUTPUT_UNWRITABLE`.
 */
export async function trainingRequest(
  data: unknown,
  { roots, models, runs }: TrainJobSupplies,
  owner: RunOwner,
): Promise<TrainingRequest> {
  const job = parseTrainJob(data);
  // Models of several jobs are told apart by their names.
  const configuration = await readConfiguration({ name: job.name, ...job.configuration }, job.set);
  const request = {
    roots,
    configuration: await withEncoder(configuration, roots),
    data: await Promise.all(job.data.map((path) => pathOf(path, roots, 'DATASET_NOT_FOUND'))),
    text: await Promise.all((job.text ?? []).map((path) => pathOf(path, roots, 'FILE_UNREADABLE'))),
    init: job.init === undefined ? undefined : await modelOf(job.init, models, roots),
  };
  // Last, so that a job that asks for what there is not leaves no folder.
  const out = join(runs, job.name);
  return { ...request, out, resume: await claimRun(out, owner) };
}

async function withEncoder(
  configuration: TrainingConfiguration,
  roots: Roots,
): Promise<TrainingConfiguration> {
  const { encoder } = configuration;
  if (NAMED_ENCODERS.includes(encoder.source)) return configuration;
  return {
    ...configuration,
    encoder: { ...encoder, source: await allowedModel(encoder.source, roots, 'ENCODER_INVALID') },
  };
}

/** The folder of a model, by its name or its path. */
async function modelOf(init: string, folders: readonly string[], roots: Roots): Promise<string> {
  const names: string[] = [];
  for (const folder of folders) {
    const { name } = (await loadBundle(folder)).manifest;
    if (name === init) return folder;
    names.push(name);
  }
  return allowedModel(init, roots, 'BUNDLE_NOT_FOUND').catch((error: unknown) => {
    if (!(error instanceof LegendaError) || error.code !== 'BUNDLE_NOT_FOUND') throw error;
    const known = names.length === 0 ? 'none' : names.join(', ');
    throw new LegendaError('BUNDLE_NOT_FOUND', {
      expected: `the name of a model of the worker (${known}), or a path below a --root`,
      received: init,
      cause: error,
    });
  });
}
