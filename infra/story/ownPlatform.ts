import { freePort } from '../local/listen.ts';
import type { Platform } from '../local/platform.ts';
import { invocationThrough } from './invocation.ts';
import { publishThrough } from './publish.ts';
import type { WorldWith } from './world.ts';

/** Longer than any wait of the story on a slow machine: each cron of a platform of our own comes within seconds. */
const PATIENCE_MS = 60_000;

type OnOwnPlatform = WorldWith<'newUsers' | 'admin' | 'invocation' | 'publish' | 'receiver'>;

/** What a world on a platform of our own has, whatever its parts are: new data, and so new users. */
export async function onOwnPlatform(
  { apiUrl, daprUrl, token }: Pick<Platform, 'apiUrl' | 'daprUrl' | 'token'>,
  daprApiToken: string,
): Promise<OnOwnPlatform> {
  const port = await freePort();
  return {
    api: { url: apiUrl, headers: {} },
    user: async (id) => ({ id, token: await token(id) }),
    patienceMs: PATIENCE_MS,
    newUsers: true,
    admin: { url: apiUrl, headers: { authorization: `Bearer ${await token('operator', 'admin')}` } },
    invocation: invocationThrough(daprUrl, daprApiToken),
    publish: publishThrough(daprUrl, daprApiToken),
    receiver: { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}/hook` },
  };
}
