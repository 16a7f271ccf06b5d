import { expect, it } from 'vitest';
import { linePlot } from '../../src/recurrence/index.js';

const plot = (scale: 'linear' | 'log', ...values: (number | null)[][]) =>
  linePlot({
    title: 'a < b',
    x: { label: 'step' },
    y: { label: 'norm', scale },
    lines: values.map((own, index) => ({ name: `line ${index}`, values: own })),
  });
const pathsOf = (svg: string) =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, path]) => path ?? '');
const heights = (path: string) => [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));

it('draws equal factors as equal heights on a log scale, however far they go', () => {
  const [path = ''] = pathsOf(plot('log', [1, 1e-10, 1e-20, 1e-30]));
  const [a = 0, b = 0, c = 0, d = 0] = heights(path);
  expect(b - a).toBeGreaterThan(50);
  expect(c - b).toBeCloseTo(b - a, 0);
  expect(d - c).toBeCloseTo(b - a, 0);
});

it('leaves gaps where there is no number, or none that the scale has', () => {
  const gaps = pathsOf(
    plot('log', [1, null, 0.1, 0.2], [1, 0, 0.1, 0.2], [Number.NaN, 1, Number.POSITIVE_INFINITY, 3]),
  );
  expect(gaps.map((path) => path.replaceAll(/[^ML]/g, ''))).toEqual(['MML', 'MML', 'MM']);
  expect(pathsOf(plot('linear', [1, 0, -1]))[0]?.replaceAll(/[^ML]/g, '')).toBe('MLL');
});

it('draws within its borders, also where all values are the same or there are none', () => {
  for (const svg of [plot('linear', [5, 5]), plot('log', [5, 5]), plot('log', []), plot('linear', [null])]) {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    for (const y of pathsOf(svg).flatMap(heights)) {
      expect(y).toBeGreaterThanOrEqual(64);
      expect(y).toBeLessThanOrEqual(350);
    }
  }
});

it('writes names as text and never as markup', () => {
  const svg = plot('linear', [1, 2]);
  expect(svg).toContain('<title>a &lt; b</title>');
});
