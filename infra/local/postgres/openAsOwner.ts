import { join } from 'node:path';
import type { Settings } from '../settings.ts';
import { openEmbedded } from './embedded.ts';
import type { SqlEngine } from './engine.ts';
import { openServer } from './server.ts';

/** The database as its owner sees it, for a script: the server that DATABASE_URL names, or the embedded one. */
export function openAsOwner({ DATABASE_URL, DATA_DIR }: Settings): Promise<SqlEngine> {
  return DATABASE_URL ? openServer(DATABASE_URL, { maxConnections: 1 }) : openEmbedded(join(DATA_DIR, 'postgres'));
}
