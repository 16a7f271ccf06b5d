/** Steps of the delay, and of those between two values of the series. */
const DELAY = 17;
const EVERY = 6;
/** Until the series has forgotten how it began. */
const WARM_UP = 100;

/**
 * The series of Mackey and Glass 1977, dx/dt = 0.2 x(t − 17) / (1 + x(t − 17)^10) − 0.1 x(t), every sixth step: it never
 * repeats, and what comes next is no linear function of what was.
 * @param {number} count
 */
export function mackeyGlass(count) {
  const x = Array.from({ length: DELAY + 1 }, () => 1.2);
  const steps = (count + WARM_UP) * EVERY;
  for (let t = DELAY; t < DELAY + steps; t++) {
    const [now = 0, before = 0] = [x[t], x[t - DELAY]];
    x.push(now + (0.2 * before) / (1 + before ** 10) - 0.1 * now);
  }
  const every = x.slice(DELAY + 1).filter((_, t) => t % EVERY === 0);
  return every.slice(WARM_UP, WARM_UP + count);
}
