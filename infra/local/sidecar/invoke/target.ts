import { posix } from 'node:path';
import { ApiError, invokeFailed, unknownPath } from '../api/apiError.ts';

/** What a request asks to be invoked. */
export interface InvocationTarget {
  appId: string;
  /** With a leading slash, and with the query of the request. */
  path: string;
}

const INVOKE_PATH = /^\/v1\.0\/invoke\/(.+?)\/method\/(.*)$/s;

/**
 * Reads which app and method a request names: in its path (`/v1.0/invoke/<app id>/method/<method>`), or, the path being
 * the method, in the header `dapr-app-id` or as the password of basic authentication.
 * @throws ApiError when it names no app, or a method that can't be called
 */
export function invocationTarget(url: string, headers: NodeJS.Dict<string | string[]>): InvocationTarget {
  const [encoded = '/', ...query] = url.split('?');
  const path = decode(encoded);
  const named = String(headers['dapr-app-id'] ?? appIdOfBasic(headers.authorization) ?? '');
  const [appId = '', method = ''] = named ? [named, path] : (INVOKE_PATH.exec(path)?.slice(1) ?? []);
  if (!appId) throw unknownPath();
  if (hasForbiddenCharacter(method)) {
    throw invokeFailed(appId, `invalid method: method contains forbidden character: ${JSON.stringify(method)}`);
  }
  const target = encodeURI(posix.resolve('/', `./${method}`));
  return { appId, path: [target, ...query].join('?') };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiError(400, 'ERR_MALFORMED_REQUEST', 'the path is not in a valid percent-encoding');
  }
}

function appIdOfBasic(authorization: string | string[] | undefined): string | undefined {
  const [, credentials] = /^Basic (.+)$/.exec(String(authorization ?? '')) ?? [];
  if (!credentials) return undefined;
  const [user, appId, ...rest] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return user?.toLowerCase() === 'dapr-app-id' && rest.length === 0 ? appId : undefined;
}

/** What would make another path or query of the decoded method. */
function hasForbiddenCharacter(method: string): boolean {
  return [...method].some((character) => '?#'.includes(character) || character < ' ' || character === '\u007f');
}
