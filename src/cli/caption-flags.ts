import { LegendaError } from '../errors.js';
import type { Format } from './format-names.js';
import type { SearchFlags } from './search-options.js';

/** `legenda caption`'s options as commander gives them. */
export interface CaptionFlags extends SearchFlags {
  readonly model: string;
  readonly format?: Format;
  readonly output?: string;
  readonly recursive: boolean;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly top: number;
  readonly batch?: number;
  readonly minConfidence?: number;
  readonly write: 'none' | 'sidecar';
  readonly explain?: string;
}

/** @throws `USAGE` for options that contradict each other. */
export function requireSense({ resume, overwrite, output, write, explain }: CaptionFlags): void {
  if (resume && explain !== undefined) {
    throw new LegendaError('USAGE', {
      expected: 'no --resume with --explain, whose page is of all photos',
      received: 'both',
      advice: 'explain the photos that matter in a run of their own',
    });
  }
  if (resume && overwrite) {
    throw new LegendaError('USAGE', {
      expected: '--resume to keep what there is or --overwrite to replace it',
      received: 'both',
    });
  }
  if (resume && output === undefined && write === 'none') {
    throw new LegendaError('USAGE', {
      expected: '--output or --write sidecar with --resume',
      received: 'neither',
    });
  }
}
