import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The tests that need real parts. Each file starts its own, so they run one after another.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['{infra,scripts}/**/*.real.test.ts'],
    globalSetup: ['infra/testing/globalSetup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    // daprd is built where it never was on this machine.
    hookTimeout: 20 * 60_000,
  },
});
