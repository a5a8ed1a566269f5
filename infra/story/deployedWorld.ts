import { invocationThrough } from './invocation.ts';
import { publishThrough } from './publish.ts';
import type { Capability, Endpoint, ReceiverAddress, World } from './world.ts';

/** What is known of a system that somebody has deployed. */
export interface Deployed {
  api: Endpoint;
  /** A token for each user where there is a way to get that, or else the one of a user who is there already. */
  tokens: { of(userId: string): Promise<string> } | { only: string };
  admin?: Endpoint | undefined;
  dapr?: { url: string; apiToken: string } | undefined;
  receiver?: ReceiverAddress | undefined;
  patienceMs: number;
  /** What tells this run's users from those of other runs. */
  runId: string;
}

/** A world on such a system, and the users whom the story had there. */
export function deployedWorld(deployed: Deployed): World & { userIds(): readonly string[] } {
  const { api, admin, dapr, receiver, patienceMs, runId, tokens } = deployed;
  const identities = new Map<string, ReturnType<World['user']>>();
  const userIds = new Set<string>();
  const identify = async (name: string) => {
    const id = 'only' in tokens ? subjectOf(tokens.only) : `${name}-${runId}`;
    const token = 'only' in tokens ? tokens.only : await tokens.of(id);
    userIds.add(id);
    return { id, token };
  };
  return {
    api,
    patienceMs,
    user(name) {
      const identity = identities.get(name) ?? identify(name);
      identities.set(name, identity);
      return identity;
    },
    userIds: () => [...userIds],
    ...('of' in tokens && { newUsers: true }),
    ...(admin && { admin }),
    ...(dapr && {
      invocation: invocationThrough(dapr.url, dapr.apiToken),
      publish: publishThrough(dapr.url, dapr.apiToken),
    }),
    ...(receiver && { receiver }),
  };
}

/** What nobody can have who knows a system's addresses only: an eye, or a hand, for the inside. */
export const inside = ['publishedTypes', 'sidecar', 'functions', 'emails'] as const satisfies readonly Capability[];

/** What a deployed system does not show, and which option of the smoke run helps, if any. */
export const lackOfDeployed: Readonly<Record<Capability, string>> = {
  newUsers: 'users of its own (--token-command)',
  admin: 'a way to operators’ functions (--admin-url)',
  invocation: 'a way to the sidecar (--dapr-url)',
  publish: 'a way to the sidecar (--dapr-url)',
  receiver: 'an address where a webhook can arrive (--receiver-url)',
  publishedTypes: 'a view of the broker’s topics, which only npm run demo and the tests have',
  sidecar: 'a sidecar that may be stopped, which only npm run demo and the tests have',
  functions: 'a view of the functions’ instances and logs, which only npm run demo and the tests have',
  emails: 'a view of the mailbox, which only npm run demo and the tests have',
};

/**
 * The subject of a JWT (RFC 7519), which is not verified: that is for the system to do.
 *
 * @throws where it is none
 */
export function subjectOf(token: string): string {
  try {
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (typeof sub === 'string' && sub !== '') return sub;
  } catch {
    // Said below.
  }
  throw new Error('the token is not a JWT with a subject');
}
