import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { describeActivity } from '../infra/local/describeActivity.ts';
import { chapters } from '../infra/story/chapters.ts';
import { embeddedWorld } from '../infra/story/embeddedWorld.ts';
import { tell, timeline } from '../infra/story/tell.ts';

const help = `Tells the whole story on a throw-away platform: tasks, events, reminders, recurrence, a broker that is away, an event
delivered twice, an unreadable one, and functions that go from zero to one and back. Exits with 0 only if every step was
seen to happen.

usage: npm run demo [-- --verbose]    --verbose also prints everything that the platform does`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, verbose: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
  process.exit();
}

const say = timeline(console.log);
say(' ', 'building the functions');
await bundleAll();
const world = await embeddedWorld({
  onProgress: (step) => say(' ', step),
  onActivity(activity) {
    const line = values.verbose && describeActivity(activity);
    if (line) say('·', line);
  },
});
process.once('SIGINT', () => void world.close().then(() => process.exit(130)));

const { failed } = await tell(chapters, world, { say, lack: (capability) => capability });
await world.close();
process.exitCode = failed === 0 ? 0 : 1;
