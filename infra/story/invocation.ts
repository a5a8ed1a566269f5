import { APP_ID } from '../generate/dapr.ts';
import type { World } from './world.ts';

/** Where the API is for callers of a sidecar, and what they must send it. */
export function invocationThrough(daprUrl: string, apiToken: string): World['invocation'] {
  return { url: `${daprUrl}/v1.0/invoke/${APP_ID}/method`, apiToken };
}
