import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { exportJWK, generateKeyPair } from 'jose';
import * as z from 'zod';

const secretsSchema = z.object({
  databasePassword: z.string(),
  daprApiToken: z.string(),
  appApiToken: z.string(),
  /** Encrypts webhooks' secrets in the database. */
  webhookSecretsKey: z.string(),
  /** Private key of the local token issuer, as a JWK (RFC 7517). */
  issuerKey: z.looseObject({ kty: z.literal('EC'), kid: z.string(), d: z.string() }),
});

/** What the parts of one local platform know each other by; made at its first start and kept in its data folder. */
export type Secrets = z.output<typeof secretsSchema>;

/** Reads the secrets of a data folder, making them where there are none yet. */
export async function localSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  await mkdir(dataDir, { recursive: true });
  const stored = (await read(path)) ?? (await create(path));
  const result = secretsSchema.safeParse(completed(stored));
  if (result.success && isDeepStrictEqual(result.data, stored)) return result.data;
  // Made by an earlier version, which knew fewer of them.
  if (result.success) return write(path, result.data);
  throw new Error(
    `${path} is damaged: put it back, or remove it to have new secrets made (tokens given out end then).`,
  );
}

async function read(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Secrets with those that came later than the first version; what is no object stays as it is. */
function completed(stored: unknown): unknown {
  return z.object({ webhookSecretsKey: z.undefined().optional() }).safeParse(stored).success
    ? { ...(stored as object), webhookSecretsKey: newKey() }
    : stored;
}

/** 32 bytes, as AES-256 takes them. */
const newKey = () => randomBytes(32).toString('base64');

async function write(path: string, secrets: Secrets): Promise<Secrets> {
  await rename(await draft(path, secrets), path);
  return secrets;
}

async function create(path: string): Promise<unknown> {
  const token = () => randomBytes(24).toString('base64url');
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const secrets: Secrets = {
    databasePassword: token(),
    daprApiToken: token(),
    appApiToken: token(),
    webhookSecretsKey: newKey(),
    issuerKey: { ...(await exportJWK(privateKey)), kid: token() } as Secrets['issuerKey'],
  };
  // Whole or not at all, and the first of two writers wins.
  const drafted = await draft(path, secrets);
  await link(drafted, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(drafted);
  return read(path);
}

/** Writes secrets to a file of its own, beside the one they are for, and resolves to its path. */
async function draft(path: string, secrets: Secrets): Promise<string> {
  const drafted = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(drafted, JSON.stringify(secrets, null, 2), { mode: 0o600, flush: true });
  return drafted;
}
