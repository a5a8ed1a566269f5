import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cloudEvent, eventually, PUBSUB, startFixture, subscriptionYaml } from '../testing/fixture.ts';
import { createPolicies, invocationPolicy, unusedPolicies } from './resiliency.ts';
import { resiliencySchema } from './schemas.ts';

function resiliency(spec: object) {
  const head = { apiVersion: 'dapr.io/v1alpha1', kind: 'Resiliency', metadata: { name: 'r' } };
  return [resiliencySchema.parse({ ...head, spec })];
}

function delays(retry: object, count: number, random = 0.5): (number | undefined)[] {
  const targets = { components: { c: { inbound: { retry: 'r' } } } };
  const backOff = createPolicies(resiliency({ policies: { retries: { r: retry } }, targets }), () => random)(
    'c',
    'Pubsub',
  ).backOff?.();
  return Array.from({ length: count }, () => backOff?.());
}

describe('a retry policy', () => {
  it('that is constant waits its duration, as often as maxRetries says', () => {
    expect(delays({ policy: 'constant', duration: '2s', maxRetries: 2 }, 4)).toEqual([
      2_000,
      2_000,
      undefined,
      undefined,
    ]);
  });

  it('is constant, five seconds and without an end when it says nothing', () => {
    expect(delays({}, 100)).toEqual(Array(100).fill(5_000));
    expect(delays({ maxRetries: -1, duration: '1s' }, 100)).toEqual(Array(100).fill(1_000));
  });

  it('that is exponential begins at half a second and grows by half, up to maxInterval', () => {
    expect(delays({ policy: 'exponential', maxInterval: '2s', maxRetries: 6 }, 7)).toEqual([
      500,
      750,
      1_125,
      1_687.5,
      2_000,
      2_000,
      undefined,
    ]);
  });

  it.each([
    [0, 250],
    [0.999999, 750],
  ])('that is exponential waits between half and one and a half of that (%d)', (random, first) => {
    expect(delays({ policy: 'exponential' }, 1, random)[0]).toBeCloseTo(first, 0);
  });

  it('that is exponential grows up to a minute when it says nothing', () => {
    expect(delays({ policy: 'exponential' }, 20).at(-1)).toBe(60_000);
  });

  it('that is exponential gives up before 15 minutes are over, whatever maxRetries says', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const retry = { policy: 'exponential', maxInterval: '2m', maxRetries: -1 };
    const targets = { components: { c: { inbound: { retry: 'r' } } } };
    const resiliencies = resiliency({ policies: { retries: { r: retry } }, targets });
    const backOff = createPolicies(resiliencies, () => 0.5)('c', 'Pubsub').backOff?.();
    const startedAt = performance.now();
    for (let delay = backOff?.(); delay !== undefined; delay = backOff?.()) vi.advanceTimersByTime(delay);
    const minutes = (performance.now() - startedAt) / 60_000;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  it('with maxRetries 0 has no further try', () => {
    expect(delays({ maxRetries: 0 }, 1)).toEqual([undefined]);
  });
});

describe('the policy of a component', () => {
  const policies = {
    retries: {
      own: { duration: '1s' },
      DefaultRetryPolicy: { duration: '7s' },
      DefaultBindingComponentInboundRetryPolicy: { duration: '8s' },
    },
    timeouts: { own: '3s', DefaultComponentTimeoutPolicy: '9s' },
  };

  it('is the one that its inbound target names', () => {
    const policyFor = createPolicies(
      resiliency({ policies, targets: { components: { c: { inbound: { retry: 'own', timeout: 'own' } } } } }),
    );
    expect(policyFor('c', 'Pubsub').timeoutMs).toBe(3_000);
    expect(policyFor('c', 'Pubsub').backOff?.()()).toBe(1_000);
  });

  it('is none for a target that names outbound policies only', () => {
    const policyFor = createPolicies(
      resiliency({ policies, targets: { components: { c: { outbound: { retry: 'own' } } } } }),
    );
    expect(policyFor('c', 'Pubsub')).toEqual({ timeoutMs: undefined, backOff: undefined });
  });

  it('is the most specific default for what is no target', () => {
    const policyFor = createPolicies(resiliency({ policies }));
    expect(policyFor('c', 'Pubsub').backOff?.()()).toBe(7_000);
    expect(policyFor('c', 'Binding').backOff?.()()).toBe(8_000);
    expect(policyFor('c', 'Pubsub').timeoutMs).toBe(9_000);
  });

  it('is none without resources', () => {
    expect(createPolicies([])('c', 'Pubsub')).toEqual({ timeoutMs: undefined, backOff: undefined });
  });
});

describe('the policy of an invocation', () => {
  const policies = {
    retries: { own: { duration: '1s' }, DefaultAppRetryPolicy: { duration: '6s' }, DefaultRetryPolicy: {} },
    timeouts: { DefaultTimeoutPolicy: '9s' },
  };

  it('is the one that is named for the app', () => {
    const targets = { apps: { app: { retry: 'own' } }, components: { other: { inbound: { retry: 'own' } } } };
    const { backOff, timeoutMs } = invocationPolicy(resiliency({ policies, targets }), 'app');
    expect([backOff?.()(), timeoutMs]).toEqual([1_000, undefined]);
  });

  it('is the most specific default for another app', () => {
    const { backOff, timeoutMs } = invocationPolicy(resiliency({ policies }), 'app');
    expect([backOff?.()(), timeoutMs]).toEqual([6_000, 9_000]);
  });

  it('is none without resources', () => {
    expect(invocationPolicy([], 'app')).toEqual({ timeoutMs: undefined, backOff: undefined });
  });
});

it('what is not applied or does not exist is said', () => {
  const apps = { app: { retry: 'lost' } };
  const inbound = { retry: 'missing', timeout: 'absent', circuitBreaker: 'cb' };
  const policies = { retries: { r: { matching: { httpStatusCodes: '500' } } }, circuitBreakers: { cb: {} } };
  expect(unusedPolicies(resiliency({ policies, targets: { components: { c: { inbound } }, apps } }))).toEqual([
    'Resiliency r: circuit breakers are not applied here',
    'Resiliency r: retry matching is not applied here',
    'Resiliency r: c names the retry policy missing, which does not exist',
    'Resiliency r: c names the timeout absent, which does not exist',
    'Resiliency r: app names the retry policy lost, which does not exist',
  ]);
});

it('the waits between deliveries are those of the policy', async () => {
  const yaml = `
apiVersion: dapr.io/v1alpha1
kind: Resiliency
metadata: { name: resiliency }
spec:
  policies: { retries: { events: { policy: constant, duration: 120ms, maxRetries: 2 } } }
  targets: { components: { taskevents: { inbound: { retry: events } } } }
`;
  const subscription = subscriptionYaml('tasks', 'deadLetterTopic: tasks.dead');
  const { app, publish, ofKind } = await startFixture({ 'p.yaml': PUBSUB, 's.yaml': subscription, 'r.yaml': yaml });
  app.answer('/events/tasks', () => ({ status: 500 }));
  await publish('tasks', cloudEvent('e'));
  await eventually(() => expect(ofKind('dead-lettered')).toHaveLength(1));
  const [first = 0, second = 0, third = 0] = app.calls().map(({ at }) => at);
  expect(second - first).toBeGreaterThanOrEqual(115);
  expect(third - second).toBeGreaterThanOrEqual(115);
  expect(app.calls()).toHaveLength(3);
});
