import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/support/count-reporter.js';

// Two kinds of test, one runner: unit tests beside the room they test, and end-to-end tests that start real
// processes. A watchdog, not a deadline: a test that hits testTimeout hangs, it is not slow.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', new CountReporter()],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
