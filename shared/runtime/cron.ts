import type { Context as HonoContext } from 'hono';
import { refuseStranger } from './calledByDapr.ts';
import type { CronFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { traceOf } from './trace.ts';

/** Answers a tick of a Dapr cron binding with a function, once its work and the publishing that follows are done. */
export function serveCron(definition: CronFunction, { environment, log, createContext, settled }: Invocation) {
  return async function cronTrigger(c: HonoContext): Promise<Response> {
    const started = performance.now();
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const fields = () => ({ trace: traceOf(c), ms: Math.round(performance.now() - started) });
    try {
      const counts = await definition.handler(createContext() as never);
      await settled();
      log('info', { ...fields(), outcome: 'done', ...counts });
      return c.json({});
    } catch (error) {
      log('error', { ...fields(), outcome: 'failed', error });
      return c.json({ error: 'The work that is due could not be done now.' }, 500);
    }
  };
}
