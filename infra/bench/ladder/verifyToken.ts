import { tokenAuthentication } from '../../../shared/runtime/authenticate.ts';
import type { Step } from './serveSteps.ts';

/** Verifies the caller's token, as createTask does, by the keys that it asks the issuer for. */
export function verifyToken(): Step {
  const { JWKS_URL = '', JWT_ISSUER = '', JWT_AUDIENCE = '' } = process.env;
  const authenticate = tokenAuthentication({ JWKS_URL, JWT_ISSUER, JWT_AUDIENCE });
  return (c) => authenticate(c.req.header('authorization'), new Date());
}
