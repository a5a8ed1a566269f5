import type { ResiliencyResource } from './schemas.ts';

/** What is done when a call to the app fails. */
export interface DeliveryPolicy {
  /** Each try is given up after this time; without it, it may take for ever. */
  timeoutMs: number | undefined;
  /** Starts a new sequence of delays between tries; without it, there is one try. */
  backOff: (() => BackOff) | undefined;
}

/** Finds the policy for what comes in through a component. */
export type PolicyFor = (component: string, componentType: 'Pubsub' | 'Binding') => DeliveryPolicy;

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

/** Finds the inbound policy of a component; later resources override earlier ones of the same name. */
export function createPolicies(
  resiliencies: readonly ResiliencyResource[],
  random: () => number = Math.random,
): PolicyFor {
  const retries = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.policies.retries ?? {})));
  const timeouts = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.policies.timeouts ?? {})));
  const targets = new Map(resiliencies.flatMap(({ spec }) => Object.entries(spec.targets.components ?? {})));

  return function policyFor(component, componentType) {
    const target = targets.get(component);
    // A component that is a target at all, be it outbound only, gets no default policy.
    const names = target
      ? target.inbound
      : {
          retry: defaultNames(componentType, 'Retry').find((name) => retries.has(name)),
          timeout: defaultNames(componentType, 'Timeout').find((name) => timeouts.has(name)),
        };
    const retry = retries.get(names?.retry ?? '');
    return { timeoutMs: timeouts.get(names?.timeout ?? ''), backOff: retry && (() => startBackOff(retry, random)) };
  };
}

/** Says what a resiliency resource asks for and does not get. */
export function unusedPolicies(resiliencies: readonly ResiliencyResource[]): string[] {
  return resiliencies.flatMap(({ metadata: { name }, spec: { policies, targets } }) => {
    const warnings = [];
    const inbound = Object.entries(targets.components ?? {}).map(([component, target]) => ({
      component,
      ...target.inbound,
    }));
    if (inbound.some(({ circuitBreaker }) => circuitBreaker)) warnings.push('circuit breakers are not applied here');
    if (Object.values(policies.retries ?? {}).some(({ matching }) => matching))
      warnings.push('retry matching is not applied here');
    for (const { component, retry, timeout } of inbound) {
      if (retry && !policies.retries?.[retry])
        warnings.push(`${component} names the retry policy ${retry}, which does not exist`);
      if (timeout && !policies.timeouts?.[timeout])
        warnings.push(`${component} names the timeout ${timeout}, which does not exist`);
    }
    return warnings.map((warning) => `Resiliency ${name}: ${warning}`);
  });
}

/** https://docs.dapr.io/operations/resiliency/policies/default-policies/, most specific first. */
function defaultNames(componentType: string, kind: 'Retry' | 'Timeout'): string[] {
  const levels = [`${componentType}ComponentInbound`, 'ComponentInbound', 'Component', ''];
  return levels.map((level) => `Default${level}${kind}Policy`);
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
