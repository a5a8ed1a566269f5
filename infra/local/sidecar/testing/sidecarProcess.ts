import { openEmbedded } from '../../postgres/embedded.ts';
import { startSidecar } from '../sidecar.ts';
import { APP_ID } from './appId.ts';

/**
 * Run as a process of its own with options in JSON, and a folder for its Postgres where it has one: starts a sidecar and
 * prints its address; SIGTERM closes it.
 */
const { databaseDir, ...options } = JSON.parse(process.argv[2] ?? '{}');
const database = databaseDir ? await openEmbedded(databaseDir) : undefined;
const { url, close } = await startSidecar({ appId: APP_ID, port: 0, ...(database && { database }), ...options });
process.once('SIGTERM', async () => {
  await close();
  await database?.close();
});
process.stdout.write(`${url}\n`);
