import type { DecoderConfiguration } from '../configuration.js';
import type { Cell } from './cell.js';
import { gru } from './gru.js';
import { lstm } from './lstm.js';
import { simpleRnn } from './simple-rnn.js';

export type { Cell } from './cell.js';

/** Every cell by its name in the configuration. */
export const cells: Readonly<Record<DecoderConfiguration['cell'], Cell>> = { simpleRnn, lstm, gru };
