import { type Activity, startPlatform } from '../local/platform.ts';
import { readSettings } from '../local/settings.ts';

// The local platform in a process of its own, which can be killed: settings come from the environment, and in `SCHEDULES`,
// as JSON, crons' schedules by binding. It writes what happens to its standard output, one line of JSON each, and
// `{"ready":true}` when it serves.
const say = (line: Activity | { ready: true }) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const schedules = JSON.parse(process.env.SCHEDULES ?? '{}');
const platform = await startPlatform({ settings: readSettings(process.env), schedules, onActivity: say });
process.once('SIGTERM', () => void platform.close().then(() => process.exit(0)));

// Takes the embedded sidecar down, and brings it up again at the next one.
let isUp = true;
let toggled = Promise.resolve();
process.on('SIGUSR2', () => {
  isUp = !isUp;
  const next = isUp ? 'start' : 'stop';
  toggled = toggled.then(() => platform.sidecar?.[next]());
});
say({ ready: true });
