export { Random } from '../random.js';
export { type Line, type LinePlot, linePlot } from './line-plot.js';
export {
  RecurrentNetwork,
  type RecurrentOptions,
  type RecurrentState,
  type Sequence,
} from './recurrent-network.js';
