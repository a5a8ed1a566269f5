import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from './environment.ts';
import { problemResponse } from './problem.ts';

/** The answer to whoever calls without Dapr's app token (`dapr-api-token` = APP_API_TOKEN); undefined for Dapr. */
export function refuseStranger(c: HonoContext, { APP_API_TOKEN }: Environment): Response | undefined {
  if (APP_API_TOKEN && sameSecret(c.req.header('dapr-api-token'), APP_API_TOKEN)) return undefined;
  return problemResponse(c, new DomainError('unauthenticated', 'Only the Dapr sidecar may call this.'));
}

/** Compares in a time that tells nothing about where two secrets differ, or how long they are. */
function sameSecret(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}
