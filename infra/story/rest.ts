import { setTimeout as sleep } from 'node:timers/promises';
import { type Chapter, chapter } from './chapter.ts';
import { expect, until } from './look.ts';
import { remindSoon } from './remindSoon.ts';
import { signIn } from './user.ts';

/** The function that the job of whatever comes due next wakes. */
const WOKEN = 'wakeUp';
/** So long before a reminder's time it is looked whether that function sleeps. */
const LOOK_AHEAD_MS = 50;

/** Of nothing that runs but for what is to be done. */
export const restChapters: readonly Chapter[] = [
  chapter({
    title: 'A reminder’s job wakes a function that sleeps until then',
    needs: ['functions'],
    async run(world, narrate) {
      const user = await signIn(world, 'ivan');
      const isAsleep = async () => !(await world.functions.awake()).has(WOKEN);
      const { task, at } = await until(world, `${WOKEN} asleep until a reminder comes due`, async () => {
        if (!(await isAsleep())) return undefined;
        const written = await remindSoon(user, 'Water the plants');
        await sleep(Date.parse(written.at) - LOOK_AHEAD_MS - Date.now());
        return (await isAsleep()) ? written : undefined;
      });
      const reminder = await until(world, 'the reminder', async () =>
        (await user.notifications(task.id)).find(({ kind }) => kind === 'reminder.due'),
      );
      expect(!(await isAsleep()), `${WOKEN} awake, once the reminder was due`, await world.functions.awake());
      const lateMs = Date.parse(reminder.createdAt) - Date.parse(at);
      narrate(
        `${WOKEN} slept ${LOOK_AHEAD_MS} ms before, its job woke it: "${reminder.message}", ${lateMs} ms after its time`,
      );
    },
  }),
  chapter({
    title: 'Nothing runs at rest: every function went from zero to one and back to zero',
    needs: ['functions'],
    async run(world, narrate) {
      const { names } = world.functions;
      await until(world, 'every function is back at zero', async () => {
        const seen = await world.functions.wokenAndSlept();
        return names.every((name) => seen.has(name)) || undefined;
      });
      narrate(`0 → 1 → 0: ${names.join(', ')}`);
    },
  }),
];
