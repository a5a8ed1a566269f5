import type { Context } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { Hono } from 'hono/tiny';
import { serverOf } from '../../../shared/runtime/nodeServer.ts';

/** A part of what a function does with a request. */
export type Step = (c: Context) => Promise<unknown>;

/** Serves as a function does: answers any POST with 200 once each step is done with it, and with 500 where one fails. */
export function serveSteps(steps: readonly Step[]): void {
  const app = new Hono();
  app.router = new RegExpRouter();
  app.post('*', async (c) => {
    for (const step of steps) await step(c);
    return c.text('ok');
  });
  app.onError((error, c) => c.text(error.message, 500));
  serverOf((request) => app.fetch(request)).listen(Number(process.env.PORT), process.env.HOST);
}
