import { createServer } from 'node:http';
import { type JWK, SignJWT } from 'jose';
import { type Listening, listen } from './listen.ts';
import type { Secrets } from './secrets.ts';

/** Who may use a token that the local issuer signs. */
export const AUDIENCE = 'evolution-todo';
/** A working day: a token that is pasted into a terminal in the morning holds until the evening; in ms. */
const TOKEN_LIFETIME_MS = 12 * 60 * 60 * 1000;

/** The issuer's name in its tokens, which is also where it is. */
export function issuerUrl(port: number, host = '127.0.0.1'): string {
  return `http://${host}:${port}`;
}

export interface Issuer extends Listening {
  /** Address of the public keys (JWKS, RFC 7517). */
  jwksUrl: string;
}

/** Serves the public half of the issuer's key, as an identity provider does, on loopback unless given another address. */
export async function startIssuer({ issuerKey }: Secrets, port: number, host?: string): Promise<Issuer> {
  const { d: _private, ...publicKey } = issuerKey as JWK;
  const jwks = JSON.stringify({ keys: [{ ...publicKey, use: 'sig', alg: 'ES256' }] });
  const server = createServer((request, response) => {
    const known = request.method === 'GET' && request.url === '/.well-known/jwks.json';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(known ? jwks : '{}');
  });
  const listening = await listen(server, port, host);
  return { ...listening, jwksUrl: `${listening.url}/.well-known/jwks.json` };
}

/** A token of the local issuer for a user, as a bearer token of the API; `scope` lists what it allows beside the user's own. */
export async function signToken(
  { issuerKey }: Secrets,
  issuer: string,
  userId: string,
  scope?: string,
  now = new Date(),
): Promise<string> {
  return new SignJWT(scope ? { scope } : {})
    .setProtectedHeader({ alg: 'ES256', kid: issuerKey.kid })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + TOKEN_LIFETIME_MS))
    .sign(issuerKey as JWK);
}
