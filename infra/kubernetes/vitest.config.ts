import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What needs the rendered manifests, which a program of Go renders and checks.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['infra/kubernetes/**/*.rendered.test.ts'],
    testTimeout: 60_000,
    // The program is built where it never was on this machine.
    hookTimeout: 15 * 60_000,
  },
});
