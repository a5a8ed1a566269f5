import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from './environment.ts';
import type { Invocation, Work } from './invocation.ts';
import { problemResponse } from './problem.ts';

/** The answer to whoever calls without Dapr's app token (`dapr-api-token` = APP_API_TOKEN); undefined for Dapr. */
export function refuseStranger(c: HonoContext, { APP_API_TOKEN }: Environment): Response | undefined {
  if (APP_API_TOKEN && sameSecret(c.req.header('dapr-api-token'), APP_API_TOKEN)) return undefined;
  return problemResponse(c, new DomainError('unauthenticated', 'Only the Dapr sidecar may call this.'));
}

/**
 * Does what a tick or a job is for, and answers once it is done, with the publishing that follows; a failure with 500,
 * which tells nothing of its cause, and lets Dapr try again as its policy says.
 */
export async function answerWork(
  c: HonoContext,
  { settled }: Pick<Invocation, 'settled'>,
  { end }: Pick<Work, 'end'>,
  work: () => Promise<Record<string, number>>,
): Promise<Response> {
  try {
    const counts = await work();
    await settled();
    end('info', { outcome: 'done', ...counts });
    return c.json({});
  } catch (error) {
    end('error', { outcome: 'failed', error });
    return c.json({ error: 'The work that is due could not be done now.' }, 500);
  }
}

/** Compares in a time that tells nothing about where two secrets differ, or how long they are. */
function sameSecret(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}
