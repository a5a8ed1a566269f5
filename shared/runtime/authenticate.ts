import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from './environment.ts';

/** Signatures with a public key only: whoever can verify a token must not be able to make one. */
const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'];
/** The longest subject that OpenID Connect allows (Core 1.0, section 2). */
const SUBJECT_LENGTH = 255;
/** Fetching the issuer's keys must not hold a request for longer. */
const KEYS_TIMEOUT_MS = 3_000;

/** Whom a token speaks for, and what it allows. */
export interface Identity {
  /** The token's subject. */
  userId: string;
  /** What its claim `scope` lists (RFC 8693, section 4.2). */
  scopes: readonly string[];
}

/** Verifies the bearer token of a request and says whose it is. Throws a DomainError without a valid one. */
export type Authenticate = (authorization: string | undefined, now: Date) => Promise<Identity>;

/** Takes anybody for nobody in particular: what a public function does. */
export const noAuthentication: Authenticate = async () => ({ userId: '', scopes: [] });

/**
 * Verification against the issuer's public keys, which are kept. They are asked for at once: where a function starts, somebody
 * waits for its answer, and what starts it (Knative, with its probes) takes a while to pass the request on.
 */
export function tokenAuthentication(
  environment: Pick<Environment, 'JWKS_URL' | 'JWT_ISSUER' | 'JWT_AUDIENCE'>,
): Authenticate {
  const { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = environment as Required<typeof environment>;
  const keys = createRemoteJWKSet(new URL(JWKS_URL), { timeoutDuration: KEYS_TIMEOUT_MS });
  // Where they can't be had now, the first token asks again, and hears of it.
  keys.reload().catch(() => {});
  const options = {
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
  };

  return async (authorization, now) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new DomainError('unauthenticated', 'Send a token: "Authorization: Bearer …".');
    const { payload } = await jwtVerify(token, keys, { ...options, currentDate: now }).catch(refuse);
    // Verified is only who signed it: a claim can be of any type.
    const subject: unknown = payload.sub;
    if (
      typeof subject !== 'string' ||
      !subject ||
      subject.length > SUBJECT_LENGTH ||
      subject.includes('\0') ||
      !subject.isWellFormed()
    ) {
      throw new DomainError('unauthenticated', 'The token names no usable subject.');
    }
    return { userId: subject, scopes: typeof payload.scope === 'string' ? payload.scope.split(' ') : [] };
  };
}

/** What is wrong with the token is the caller's fault; that the issuer's keys can't be had is not. */
function refuse(error: unknown): never {
  const issuerAway =
    !(error instanceof errors.JOSEError) ||
    ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(error.code);
  if (issuerAway) {
    throw new DomainError('unavailable', "The token issuer's keys can't be had at the moment.", [], { cause: error });
  }
  throw new DomainError('unauthenticated', `The token is not valid: ${error.message}.`);
}
