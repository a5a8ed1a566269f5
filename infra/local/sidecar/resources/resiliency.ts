import type { ResiliencyResource } from './schemas.ts';

/** What is done when a call to the app, or out of the system, fails. */
export interface DeliveryPolicy {
  /** Each try is given up after this time; without it, it may take for ever. */
  timeoutMs: number | undefined;
  /** Starts a new sequence of delays between tries; without it, there is one try. */
  backOff: (() => BackOff) | undefined;
}

/** Finds the policy for what goes through a component. */
export type PolicyFor = (
  component: string,
  componentType: 'Pubsub' | 'Binding',
  direction?: 'Inbound' | 'Outbound',
) => DeliveryPolicy;

/** Gives the delay before the next try in milliseconds, or nothing when there is none. */
export type BackOff = () => number | undefined;

type RetryPolicy = NonNullable<ResiliencyResource['spec']['policies']['retries']>[string];

// The defaults of Dapr's retry configuration (dapr/kit, retry.DefaultConfig) and of the library behind it (cenkalti/backoff).
const DEFAULT_CONSTANT_MS = 5_000;
const INITIAL_INTERVAL_MS = 500;
const MULTIPLIER = 1.5;
const RANDOMIZATION = 0.5;
const DEFAULT_MAX_INTERVAL_MS = 60_000;
/** An exponential retry ends after 15 minutes, `maxRetries: -1` or not: Dapr has no setting for it. */
const MAX_ELAPSED_MS = 15 * 60 * 1000;

/** Finds the policy of a component, inbound where nothing is said; later resources override earlier ones of the same name. */
export function createPolicies(
  resiliencies: readonly ResiliencyResource[],
  random: () => number = Math.random,
): PolicyFor {
  const policies = policyTable(resiliencies, random);
  const targets = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.targets.components ?? {})));

  return function policyFor(component, componentType, direction = 'Inbound') {
    const target = targets.get(component);
    // A component that is a target at all, be it in the other direction only, gets no default policy.
    if (target) return policies.named((direction === 'Inbound' ? target.inbound : target.outbound) ?? {});
    return policies.byDefault([`${componentType}Component${direction}`, `Component${direction}`, 'Component', '']);
  };
}

/** Finds the policy by which an app is invoked. It holds for every request, those that are not idempotent too. */
export function invocationPolicy(
  resiliencies: readonly ResiliencyResource[],
  appId: string,
  random: () => number = Math.random,
): DeliveryPolicy {
  const policies = policyTable(resiliencies, random);
  const target = resiliencies.map(({ spec }) => spec.targets.apps?.[appId]).findLast((names) => names !== undefined);
  return target ? policies.named(target) : policies.byDefault(['App', '']);
}

/** What the resources define, by name, whatever it is applied to. */
function policyTable(resiliencies: readonly ResiliencyResource[], random: () => number) {
  const retries = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.policies.retries ?? {})));
  const timeouts = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.policies.timeouts ?? {})));

  function named(names: { retry?: string | undefined; timeout?: string | undefined }): DeliveryPolicy {
    const retry = retries.get(names.retry ?? '');
    return { timeoutMs: timeouts.get(names.timeout ?? ''), backOff: retry && (() => startBackOff(retry, random)) };
  }

  return {
    named,
    /** https://docs.dapr.io/operations/resiliency/policies/default-policies/; the most specific level comes first. */
    byDefault(levels: readonly string[]): DeliveryPolicy {
      const names = (kind: string) => levels.map((level) => `Default${level}${kind}Policy`);
      return named({
        retry: names('Retry').find((name) => retries.has(name)),
        timeout: names('Timeout').find((name) => timeouts.has(name)),
      });
    },
  };
}

/** Says what a resiliency resource asks for and does not get. */
export function unusedPolicies(resiliencies: readonly ResiliencyResource[]): string[] {
  return resiliencies.flatMap(({ metadata: { name }, spec: { policies, targets } }) => {
    const warnings = [];
    const used = [
      ...Object.entries(targets.components ?? {}).flatMap(([name, { inbound, outbound }]) => [
        { name, ...inbound },
        { name, ...outbound },
      ]),
      ...Object.entries(targets.apps ?? {}).map(([name, names]) => ({ name, ...names })),
    ];
    if (used.some(({ circuitBreaker }) => circuitBreaker)) warnings.push('circuit breakers are not applied here');
    if (Object.values(policies.retries ?? {}).some(({ matching }) => matching))
      warnings.push('retry matching is not applied here');
    for (const { name: target, retry, timeout } of used) {
      if (retry && !policies.retries?.[retry])
        warnings.push(`${target} names the retry policy ${retry}, which does not exist`);
      if (timeout && !policies.timeouts?.[timeout])
        warnings.push(`${target} names the timeout ${timeout}, which does not exist`);
    }
    return warnings.map((warning) => `Resiliency ${name}: ${warning}`);
  });
}

function startBackOff(policy: RetryPolicy, random: () => number): BackOff {
  const { maxRetries = -1 } = policy;
  const nextDelay =
    policy.policy === 'exponential' ? exponential(policy, random) : () => policy.duration ?? DEFAULT_CONSTANT_MS;
  let used = 0;
  return () => (maxRetries >= 0 && used++ >= maxRetries ? undefined : nextDelay());
}

function exponential({ maxInterval = DEFAULT_MAX_INTERVAL_MS }: RetryPolicy, random: () => number): BackOff {
  const startedAt = performance.now();
  let interval = INITIAL_INTERVAL_MS;
  return () => {
    const delay = interval * (1 - RANDOMIZATION + 2 * RANDOMIZATION * random());
    interval = Math.min(interval * MULTIPLIER, maxInterval);
    return performance.now() - startedAt + delay > MAX_ELAPSED_MS ? undefined : delay;
  };
}
