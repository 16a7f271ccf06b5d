import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import { tf, tidy } from '../tensorflow.js';
import type { Weights } from '../weights.js';
import type { Gradients } from './clip.js';
import type { TrainingConfiguration } from './configuration.js';

type OptimiserOptions = TrainingConfiguration['optimiser'];

/** The slot that holds a weight's average is called by its name and this. */
const AVERAGE = '/average';

/**
 * Adam (Kingma and Ba 2015, algorithm 1), RMSProp (Tieleman and Hinton 2012) or gradient descent with momentum (Polyak 1964:
 * v = μ v + g, w −= rate · v). Its slots go by the names of the weights, so that a checkpoint outlives a change in their
 * order. It also keeps the moving average of the weights, where one is wanted.
 */
export class Optimiser {
  private readonly slots = new Map<string, Tensor>();

  constructor(
    private readonly options: OptimiserOptions,
    /** Steps taken, for Adam's correction of its first means. */
    public steps = 0,
  ) {}

  /** Moves each variable that has a gradient. @param rateOf the learning rate of a weight by its name. */
  apply(
    variables: ReadonlyMap<string, Variable>,
    gradients: Gradients,
    rateOf: (name: string) => number,
  ): void {
    this.steps++;
    for (const [name, gradient] of gradients) {
      const variable = variables.get(name);
      if (variable === undefined) continue;
      this.move(name, variable, gradient, rateOf(name));
      this.include(name, variable);
    }
  }

  /** The moving averages of the weights by their names, none where none are kept. They stay the optimiser's. */
  get averages(): ReadonlyMap<string, Tensor> {
    const entries = [...this.slots].filter(([name]) => name.endsWith(AVERAGE));
    return new Map(entries.map(([name, tensor]) => [name.slice(0, -AVERAGE.length), tensor]));
  }

  /** The slots as arrays, for a checkpoint. */
  state(): Weights {
    return new Map(
      [...this.slots].map(([name, tensor]) => [
        name,
        { shape: tensor.shape, values: tensor.dataSync<'float32'>() },
      ]),
    );
  }

  restore(state: Weights): void {
    this.dispose();
    for (const [name, { shape, values }] of state) this.slots.set(name, tf.tensor(values, [...shape]));
  }

  dispose(): void {
    for (const tensor of this.slots.values()) tensor.dispose();
    this.slots.clear();
  }

  private move(name: string, variable: Variable, gradient: Tensor, rate: number): void {
    const { change, slots } = tidy(() => this.step(name, gradient, rate));
    const value = tf.sub(variable, change);
    variable.assign(value);
    tf.dispose([value, change]);
    for (const [slot, tensor] of Object.entries(slots)) this.keep(`${name}/${slot}`, tensor);
  }

  /** What a weight is lowered by, and its slots after that. */
  private step(
    name: string,
    gradient: Tensor,
    rate: number,
  ): { change: Tensor; slots: Record<string, Tensor> } {
    const { kind, beta1, beta2, decay, epsilon, momentum } = this.options;
    if (kind === 'sgd') {
      if (momentum === 0) return { change: tf.mul(gradient, rate), slots: {} };
      const before = this.slots.get(`${name}/velocity`);
      const velocity = before === undefined ? gradient.clone() : tf.add(tf.mul(before, momentum), gradient);
      return { change: tf.mul(velocity, rate), slots: { velocity } };
    }
    const squared = tf.square(gradient);
    const square = this.decayed(`${name}/square`, squared, kind === 'rmsProp' ? decay : beta2);
    if (kind === 'rmsProp') {
      const change = tf.mul(tf.div(gradient, tf.add(tf.sqrt(square), epsilon)), rate);
      return { change, slots: { square } };
    }
    const mean = this.decayed(`${name}/mean`, gradient, beta1);
    // m̂ / (√v̂ + ε) with both corrections in the rate and in ε, which saves two passes.
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    const change = tf.div(mean, tf.add(tf.sqrt(square), epsilon * correction));
    return {
      change: tf.mul(change, (rate * correction) / (1 - beta1 ** this.steps)),
      slots: { square, mean },
    };
  }

  /** Takes a weight into its average, over fewer steps at first than later, so that it soon forgets where it began. */
  private include(name: string, variable: Variable): void {
    const { averaging } = this.options;
    if (averaging === 0) return;
    const decay = Math.min(averaging, this.steps / (this.steps + 10));
    const slot = `${name}${AVERAGE}`;
    this.keep(
      slot,
      tidy(() => (this.slots.has(slot) ? this.decayed(slot, variable, decay) : variable.clone())),
    );
  }

  /** slot + (1 − β) (value − slot). */
  private decayed(slot: string, value: Tensor, beta: number): Tensor {
    const old = this.slots.get(slot);
    return old === undefined ? tf.mul(value, 1 - beta) : tf.add(old, tf.mul(tf.sub(value, old), 1 - beta));
  }

  private keep(slot: string, tensor: Tensor): void {
    this.slots.get(slot)?.dispose();
    this.slots.set(slot, tf.keep(tensor));
  }
}
