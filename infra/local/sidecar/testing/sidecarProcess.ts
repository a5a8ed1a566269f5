import { startSidecar } from '../sidecar.ts';
import { APP_ID } from './appId.ts';

/** Run as a process of its own with options in JSON: starts a sidecar and prints its address; SIGTERM closes it. */
const options = JSON.parse(process.argv[2] ?? '{}');
const { url, close } = await startSidecar({ appId: APP_ID, port: 0, ...options });
process.once('SIGTERM', close);
process.stdout.write(`${url}\n`);
