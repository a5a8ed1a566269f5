import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{functions,shared,infra,scripts}/**/*.test.ts'],
    // The first need Kafka, Postgres and daprd: npm run test:real. The second need Go: npm run test:kubernetes. The last
    // need the rights to run a cluster: npm run test:knative.
    exclude: [...configDefaults.exclude, '**/*.real.test.ts', '**/*.rendered.test.ts', '**/*.knative.test.ts'],
    globalSetup: ['infra/testing/globalSetup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
