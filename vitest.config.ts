import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // TensorFlow cannot be loaded twice in one process: a process for each file, not a worker thread.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    // To take away a run's gigabytes takes a busy disk its time.
    hookTimeout: 60_000,
  },
});
