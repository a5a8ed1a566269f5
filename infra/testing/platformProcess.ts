import { startPlatform } from '../local/platform.ts';
import { readSettings } from '../local/settings.ts';

// A platform in a process of its own, for tests that kill it: settings come from the environment, crons tick every
// second, and one line of JSON on standard output says where it is.
const platform = await startPlatform({
  settings: readSettings(process.env),
  schedules: { 'outbox-scheduler': '@every 1s', 'reminder-scheduler': '@every 1s', 'recurring-scheduler': '@every 1s' },
});
process.once('SIGTERM', () => void platform.close().then(() => process.exit(0)));
const { apiUrl, databaseEndpoint } = platform;
process.stdout.write(`${JSON.stringify({ apiUrl, databaseEndpoint, token: await platform.token('alice') })}\n`);
