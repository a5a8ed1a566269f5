import { type Chapter, chapter } from './chapter.ts';
import { expect, until } from './look.ts';
import { signIn } from './user.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Of tasks that recur. */
export const seriesChapters: readonly Chapter[] = [
  chapter({
    title: 'A recurring task is done; the next instance is made once, and announced',
    async run(world, narrate) {
      const user = await signIn(world, 'carol');
      const yesterday = new Date(Date.now() - DAY_MS - 60_000).toISOString().slice(0, 19);
      const first = await user.createTask({
        title: 'Water the plants',
        due: { dateTime: yesterday, timeZone: 'UTC' },
        recurrence: { rule: 'FREQ=DAILY' },
      });
      await user.completeTask(first.id);
      narrate(`daily since ${yesterday}, completed today`);
      const instances = () => user.instances(first.seriesId ?? '');
      const next = await until(world, 'another instance', async () =>
        (await instances()).find(({ status }) => status === 'open'),
      );
      const told = (kind: string) =>
        until(world, `${kind} of the instance`, async () =>
          (await user.notifications(next.id)).find((notification) => notification.kind === kind),
        );
      const trigger = await told('recurring.trigger');
      const all = await instances();
      expect(all.length === 2, 'one new instance', all);
      narrate(`the instance of ${next.occurrence} was made: "${trigger.message}"`);
      await told('task.created');
      narrate('its task.created arrived too');
    },
  }),
  chapter({
    title: 'A recurring task is done three days late, then paused, resumed, changed, skipped, split and ended',
    async run(world, narrate) {
      const user = await signIn(world, 'peggy');
      const aMinuteAgo = Date.now() - 60_000;
      const daysAgo = (days: number) => new Date(aMinuteAgo - days * DAY_MS).toISOString().slice(0, 19);
      const due = { dateTime: daysAgo(3), timeZone: 'UTC' };
      const first = await user.createTask({ title: 'Take a walk', due, recurrence: { rule: 'FREQ=DAILY' } });
      const id = first.seriesId ?? '';
      await user.completeTask(first.id);
      const open = await until(world, 'an open instance', async () =>
        (await user.instances(id)).find(({ status }) => status === 'open'),
      );
      const late = await user.series.get(id);
      const isCurrent =
        open.occurrence === daysAgo(0) && late.passedOver === 2 && late.next?.occurrence === daysAgo(-1);
      expect(isCurrent, 'the slot of today after one completion, two passed over', { open, late });
      narrate(`daily since ${due.dateTime}, done once: ${open.occurrence} is open, ${late.passedOver} passed over`);

      const paused = await user.series.pause(id);
      const resumed = await user.series.resume(id);
      const states = [paused, resumed].map(({ state }) => state).join();
      expect(states === 'paused,active', 'a series that was paused and goes on', [paused, resumed]);
      const changed = await user.series.update(id, resumed.version, { title: 'Take a long walk' });
      const renamed = await user.getTask(open.id);
      expect(renamed.title === changed.title, 'the open task changed with its series', renamed);
      const skipped = await user.series.skip(id, daysAgo(-1));
      expect(skipped.next?.occurrence === daysAgo(-2), 'the slot of tomorrow skipped', skipped);
      narrate(`paused, resumed, renamed; ${daysAgo(-1)} skipped, next is ${skipped.next.occurrence}`);

      const part = await user.series.split(id, daysAgo(-3), { title: 'Take a short walk' });
      const before = await user.series.get(id);
      expect(part.next?.occurrence === daysAgo(-3), 'another series from there on', part);
      expect(before.next?.occurrence === daysAgo(-2), 'the old one until then', before);
      await user.series.end(id);
      const lists = [await user.series.list('active'), await user.series.list('ended')];
      const titles = lists
        .flat()
        .filter((series) => [id, part.id].includes(series.id))
        .map(({ title }) => title);
      expect(titles.join() === 'Take a short walk,Take a long walk', 'one series that goes on, one that ended', lists);
      narrate(`split at ${daysAgo(-3)}, the old one ended: "${titles.join('" goes on, "')}" does not`);
    },
  }),
];
