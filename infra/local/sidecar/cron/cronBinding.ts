import type { OnActivity } from '../activity.ts';
import type { AppChannel } from '../appChannel.ts';
import { NO_TRACE } from '../publish/traceContext.ts';
import type { DeliveryPolicy } from '../resources/resiliency.ts';
import type { ComponentResource } from '../resources/schemas.ts';
import { withRetries } from '../subscription/retry.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

/** A `bindings.cron` component. */
export interface CronBinding {
  name: string;
  route: string;
  schedule: Schedule;
  /** Without `direction: input` the app is asked at start whether it wants the ticks. */
  isInputOnly: boolean;
}

/** @throws when the schedule is missing or can't be read */
export function createCronBinding(
  { metadata: { name }, spec }: ComponentResource,
  scheduleOverride?: string,
): CronBinding {
  const schedule = scheduleOverride ?? spec.metadata.get('schedule');
  if (!schedule) throw new Error(`the cron binding ${name} has no schedule`);
  const directions = (spec.metadata.get('direction') ?? '').toLowerCase().split(',');
  return {
    name,
    route: spec.metadata.get('route') || `/${name}`,
    schedule: parseSchedule(schedule),
    isInputOnly: directions.some((direction) => direction.trim() === 'input'),
  };
}

/** What the ticks of a binding need. */
export interface TickingOptions {
  binding: CronBinding;
  policy: DeliveryPolicy;
  appChannel: AppChannel;
  stopping: AbortSignal;
  cutting: AbortSignal;
  now: () => Date;
  onActivity: OnActivity;
}

/** A binding whose ticks have been started. */
export interface Ticking {
  /** Resolves when no tick runs any more; `stopping` must have been aborted. */
  stopped(): Promise<void>;
}

/** Starts the ticks of a binding, for which nothing is made up: what comes due while the sidecar is down is gone. */
export function startTicking(options: TickingOptions): Ticking {
  const { binding, appChannel, stopping, cutting, onActivity } = options;
  const running = new Set<Promise<void>>();

  async function start(): Promise<void> {
    if (!binding.isInputOnly && !(await isWanted())) {
      const message = `${binding.name}: the app does not want its ticks: OPTIONS ${binding.route} was not answered with 2xx or 405`;
      return onActivity({ kind: 'warning', message });
    }
    if (stopping.aborted) return;
    // Ticks do not wait for each other: a slow handler is called again while it runs.
    const stop = binding.schedule(() => {
      const run: Promise<void> = tick(options).finally(() => running.delete(run));
      running.add(run);
    });
    stopping.addEventListener('abort', stop, { once: true });
  }

  async function isWanted(): Promise<boolean> {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'OPTIONS', path: binding.route, headers, signal: cutting } as const;
    const answer = await appChannel.request(request).catch(() => undefined);
    return answer !== undefined && (answer.status === 405 || Math.floor(answer.status / 100) === 2);
  }

  const started = start();
  return {
    async stopped() {
      await started;
      await Promise.all(running);
    },
  };
}

async function tick({
  binding,
  policy,
  appChannel,
  stopping,
  cutting,
  now,
  onActivity,
}: TickingOptions): Promise<void> {
  const { name: component, route } = binding;
  const headers = {
    'content-type': 'application/json',
    readtimeutc: goTime(now()),
    timezone: 'Local',
    traceparent: NO_TRACE,
  };
  const startedAt = performance.now();
  let status = 0;
  const attempt = async () => {
    const request = { method: 'POST', path: route, headers, timeoutMs: policy.timeoutMs, signal: cutting } as const;
    try {
      ({ status } = await appChannel.request(request));
    } catch (error) {
      return (error as Error).message;
    }
    return status >= 200 && status <= 299 ? undefined : `the app answered ${status}`;
  };
  // Without a policy of its own a failed tick is not tried again.
  const reason = await withRetries({ policy, stopping, attempt, onRetry: () => undefined }).catch(() => 'stopped');
  const durationMs = performance.now() - startedAt;
  if (reason === undefined) onActivity({ kind: 'tick', component, route, status, durationMs });
  else onActivity({ kind: 'tick-failed', component, route, reason, durationMs });
}

/** Go's way to print a time, which is what daprd sends: `2026-11-25 06:46:44.651 +0000 UTC`. */
function goTime(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', ' +0000 UTC');
}
