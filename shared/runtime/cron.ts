import type { Context as HonoContext } from 'hono';
import { refuseStranger } from './calledByDapr.ts';
import type { CronFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { parseTraceparent } from './trace.ts';

/** Answers a tick of a Dapr cron binding with a function, once its work and the publishing that follows are done. */
export function serveCron(definition: CronFunction, { environment, begin, settled }: Invocation) {
  return async function cronTrigger(c: HonoContext): Promise<Response> {
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const parent = parseTraceparent(c.req.header('traceparent'));
    const { contextFor, end } = begin(`tick ${definition.trigger.binding}`, { kind: 'internal', parent });
    try {
      const counts = await definition.handler(contextFor('system') as never);
      await settled();
      end('info', { outcome: 'done', ...counts });
      return c.json({});
    } catch (error) {
      end('error', { outcome: 'failed', error });
      return c.json({ error: 'The work that is due could not be done now.' }, 500);
    }
  };
}
