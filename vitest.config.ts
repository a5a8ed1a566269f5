import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{functions,shared,infra,scripts}/**/*.test.ts'],
    // Those need Kafka, Postgres and daprd: npm run test:real. Or Kubernetes and Knative: npm run test:knative.
    exclude: [...configDefaults.exclude, '**/*.real.test.ts', '**/*.knative.test.ts'],
    globalSetup: ['infra/testing/globalSetup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
