import { generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { AUDIENCE } from '../local/issuer.ts';
import type { TestPlatform } from '../testing/testApp.ts';

/** Tokens by what they are: `valid` are to be taken, `forged` by nobody. */
export interface Tokens {
  valid: { user: string; admin: string };
  forged: Record<string, string | undefined>;
}

/** Makes a user's tokens, and those by which others would pass for the user `victim`. */
export async function makeTokens({ token, signing }: TestPlatform, user: string, victim: string): Promise<Tokens> {
  const { issuerKey } = signing.secrets;
  const claims = { iss: signing.issuerUrl, aud: AUDIENCE, sub: victim, exp: Math.floor(Date.now() / 1000) + 3600 };
  const signed = (changed: Record<string, unknown>, key: Parameters<SignJWT['sign']>[0] = issuerKey as JWK) =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'ES256', kid: issuerKey.kid }).sign(key);
  const valid = { user: await token(user), admin: await token(user, 'admin') };
  const [head, , signature] = valid.user.split('.');
  const { d: _private, ...publicKey } = issuerKey;
  return {
    valid,
    forged: {
      'no token': undefined,
      'no JWT': 'a.b.c',
      'alg none': new UnsecuredJWT(claims).encode(),
      'another key': await signed({}, (await generateKeyPair('ES256')).privateKey),
      'public key as secret': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: issuerKey.kid })
        .sign(Buffer.from(JSON.stringify(publicKey))),
      'another payload': [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.'),
      expired: await signed({ exp: 1 }),
      'another audience': await signed({ aud: 'another' }),
      'another issuer': await signed({ iss: 'https://issuer.example' }),
      'no subject': await signed({ sub: undefined }),
      'empty subject': await signed({ sub: '' }),
      'NUL in the subject': await signed({ sub: `${victim}\0` }),
      'long subject': await signed({ sub: 'v'.repeat(256) }),
      'number as subject': await signed({ sub: 1 }),
    },
  };
}
