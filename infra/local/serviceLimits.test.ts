import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { loadFunctions } from '../functions.ts';
import { limitsOf, serviceLimits } from './serviceLimits.ts';

const createTask = () => readFile(new URL('../../knative/create-task.yaml', import.meta.url), 'utf8');

test('every function is run as its Knative Service says', async () => {
  for (const definition of await loadFunctions()) {
    const limits = await serviceLimits(definition);
    expect(limits).toMatchObject({ concurrency: 80, idleMs: 30_000, healthPath: '/healthz' });
    expect(limits.timeoutMs).toBe('cron' in definition.trigger || 'job' in definition.trigger ? 300_000 : 15_000);
  }
});

test('what is changed there is felt here', async () => {
  const yaml = (await createTask())
    .replace('containerConcurrency: 80', 'containerConcurrency: 0')
    .replace('timeoutSeconds: 15', 'timeoutSeconds: 7')
    .replace('window: 30s', 'window: 1m30s')
    .replaceAll('path: /healthz', 'path: /ready')
    .replace('periodSeconds: 10', 'periodSeconds: 2');
  expect(limitsOf(yaml)).toEqual({
    concurrency: Number.POSITIVE_INFINITY,
    timeoutMs: 7_000,
    idleMs: 90_000,
    healthPath: '/ready',
    liveness: { path: '/ready', periodMs: 2_000, failureThreshold: 3 },
  });
});

test('a function that keeps an instance does not sleep', async () => {
  const yaml = (await createTask()).replace('min-scale: "0"', 'min-scale: "1"');
  expect(limitsOf(yaml).idleMs).toBe(Number.POSITIVE_INFINITY);
});

test('a Service that leaves out what is read here is refused', async () => {
  const yaml = (await createTask()).replace(/containerConcurrency: 80/, '');
  expect(() => limitsOf(yaml)).toThrow('containerConcurrency');
});
