import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import * as z from 'zod';

const secretsSchema = z.object({
  databasePassword: z.string(),
  daprApiToken: z.string(),
  appApiToken: z.string(),
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
  const result = secretsSchema.safeParse(stored);
  if (result.success) return result.data;
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

async function create(path: string): Promise<unknown> {
  const token = () => randomBytes(24).toString('base64url');
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const secrets: Secrets = {
    databasePassword: token(),
    daprApiToken: token(),
    appApiToken: token(),
    issuerKey: { ...(await exportJWK(privateKey)), kid: token() } as Secrets['issuerKey'],
  };
  // Whole or not at all, and the first of two writers wins.
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(secrets, null, 2), { mode: 0o600, flush: true });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return read(path);
}
