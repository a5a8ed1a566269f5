import type { Context as HonoContext } from 'hono';
import { answerWork, refuseStranger } from './calledByDapr.ts';
import type { CronFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { parseTraceparent } from './trace.ts';

/** Answers a tick of a Dapr cron binding with a function, once its work and the publishing that follows are done. */
export function serveCron(definition: CronFunction, invocation: Invocation) {
  const { environment, begin } = invocation;
  return async function cronTrigger(c: HonoContext): Promise<Response> {
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const parent = parseTraceparent(c.req.header('traceparent'));
    const work = begin(`tick ${definition.trigger.binding}`, { kind: 'internal', parent });
    return answerWork(c, invocation, work, () => definition.handler(work.contextFor('system') as never));
  };
}
