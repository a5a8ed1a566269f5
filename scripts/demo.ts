import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { describeActivity } from '../infra/local/describeActivity.ts';
import { chapters } from '../infra/story/chapters.ts';
import { embeddedWorld } from '../infra/story/embeddedWorld.ts';

const help = `Tells the whole story on a throw-away platform: tasks, events, reminders, recurrence, a broker that is away, an event
delivered twice, an unreadable one, and functions that go from zero to one and back. Exits with 0 only if every step was
seen to happen.

usage: npm run demo [-- --verbose]    --verbose also prints everything that the platform does`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, verbose: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
  process.exit();
}

const started = performance.now();
const say = (mark: string, text: string) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
  console.log(`${seconds} s  ${mark}  ${text}`);
};

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

let failures = 0;
for (const { title, run } of chapters) {
  say('▶', title);
  try {
    await run(world, (what) => say(' ', what));
    say('✔', 'seen');
  } catch (error) {
    failures += 1;
    say('✘', error instanceof Error ? error.message : String(error));
  }
}
await world.close();
say(failures === 0 ? '✔' : '✘', `${chapters.length - failures} of ${chapters.length} chapters happened as they should`);
process.exitCode = failures === 0 ? 0 : 1;
