import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The tests that need Kubernetes and Knative. There is one cluster on a machine, so they run one after another.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../../', import.meta.url)),
    include: ['infra/**/*.knative.test.ts'],
    fileParallelism: false,
    testTimeout: 5 * 60_000,
    // Everything is built where it never was on this machine.
    hookTimeout: 60 * 60_000,
  },
});
