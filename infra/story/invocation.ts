import { APP_ID } from '../generate/dapr.ts';
import type { Endpoint } from './world.ts';

/** The API as callers of a sidecar reach it. */
export function invocationThrough(daprUrl: string, apiToken: string): Endpoint {
  return { url: `${daprUrl}/v1.0/invoke/${APP_ID}/method`, headers: { 'dapr-api-token': apiToken } };
}
