import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { requestError } from './requestError.ts';

/** Checks the password in `Neon-Connection-String`, and refuses with the words of Neon's own errors. */
export function accessControl(password: string): (headers: IncomingHttpHeaders) => void {
  const expected = digest(password);
  return (headers) => {
    const { username, password: given } = connectionUrl(headers['neon-connection-string']);
    if (!given) throw requestError(400, 'missing authentication credentials: required password');
    // Digests are of one length, so the comparison tells nothing of the password's.
    if (!timingSafeEqual(digest(decode(given)), expected)) {
      throw requestError(400, `password authentication failed for user '${decode(username)}'`);
    }
  };
}

function connectionUrl(header: string | string[] | undefined): URL {
  if (typeof header !== 'string') throw requestError(400, 'invalid header: neon-connection-string');
  if (!URL.canParse(header)) throw requestError(400, 'invalid connection string: it is not a URL');
  const url = new URL(header);
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw requestError(400, 'incorrect scheme');
  return url;
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    throw requestError(400, 'invalid connection string: malformed percent-encoding');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
