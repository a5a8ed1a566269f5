import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { AppChannel } from '../appChannel.ts';
import { programmaticSubscriptionSchema } from '../resources/schemas.ts';
import { programmaticSubscription, type Subscription } from './routing.ts';

/** How long the app gets before it is asked again, when it could not say what it subscribes to. */
const ASK_AGAIN_MS = 1_000;

/** Whom to ask, and until when. */
export interface AskOptions {
  appChannel: AppChannel;
  stopping: AbortSignal;
  warn: (message: string) => void;
}

/** Asks the app what it subscribes to (`GET /dapr/subscribe`), until it answers; 404 means nothing. */
export async function askForSubscriptions({ appChannel, stopping, warn }: AskOptions): Promise<Subscription[]> {
  const headers = { 'content-type': 'application/json' };
  for (;;) {
    try {
      const request = { method: 'GET', path: '/dapr/subscribe', headers, signal: stopping } as const;
      const { status, body } = await appChannel.request(request);
      if (status === 404) return [];
      if (status === 200) {
        const items = z.array(programmaticSubscriptionSchema).parse(JSON.parse(body.toString('utf8')));
        return items.map(programmaticSubscription);
      }
      warn(`GET /dapr/subscribe was answered with ${status}; asking again`);
    } catch (error) {
      stopping.throwIfAborted();
      warn(`GET /dapr/subscribe: ${(error as Error).message}; asking again`);
    }
    await delay(ASK_AGAIN_MS, undefined, { signal: stopping });
  }
}
