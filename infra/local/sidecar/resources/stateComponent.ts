import { parseDuration } from './duration.ts';
import type { ComponentResource } from './schemas.ts';

/** A `state.postgresql` component as the sidecar serves it, in the Postgres that it is given. */
export interface StateComponent {
  name: string;
  /** The table that daprd would use; a plain name, perhaps with a schema. */
  table: string;
  /** How often expired values are removed, in milliseconds; undefined: never. They are not given out in any case. */
  cleanupIntervalMs: number | undefined;
  /** The key under which the store keeps what an app keeps under `key`. */
  storedKey(key: string, appId: string): string;
}

/** What Dapr's component does when `cleanupInterval` is not set. */
const DEFAULT_CLEANUP_INTERVAL_MS = 60 * 60 * 1000;

/** Makes the state component of a resource. @throws when it can't be served here */
export function createStateComponent({ metadata: { name }, spec }: ComponentResource): StateComponent {
  const { metadata } = spec;
  if (spec.version !== 'v2') throw new Error(`${name}: of ${spec.type} only version v2 is served here`);
  const table = `${metadata.get('tablePrefix') ?? ''}state`;
  if (!/^([a-z_]\w*\.)?[a-z_]\w*$/.test(table))
    throw new Error(
      `${name}: tablePrefix must be lower-case letters, digits and _, perhaps with a schema before a dot`,
    );
  return {
    name,
    table,
    cleanupIntervalMs: cleanupInterval(metadata.get('cleanupInterval')),
    storedKey: (key, appId) => storedKey(metadata.get('keyPrefix') ?? 'appid', { key, name, appId }),
  };
}

function cleanupInterval(value: string | undefined): number | undefined {
  if (!value) return DEFAULT_CLEANUP_INTERVAL_MS;
  return parseDuration(value) || undefined;
}

/** https://docs.dapr.io/developing-applications/building-blocks/state-management/howto-share-state/ */
function storedKey(strategy: string, { key, name, appId }: { key: string; name: string; appId: string }): string {
  switch (strategy.toLowerCase()) {
    case 'none':
      return key;
    case 'name':
      return `${name}||${key}`;
    // Without a namespace, as here, that is the app id too.
    case 'namespace':
    case 'appid':
      return `${appId}||${key}`;
    default:
      return `${strategy.toLowerCase()}||${key}`;
  }
}
