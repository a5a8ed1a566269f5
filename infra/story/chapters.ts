import { brokerChapters } from './broker.ts';
import { calendarChapter } from './calendar.ts';
import { channelChapters } from './channels.ts';
import { type Chapter, chapter } from './chapter.ts';
import { until } from './look.ts';
import { seriesChapters } from './series.ts';
import { taskChapters } from './tasks.ts';

/** The story of the system, in order. Each chapter has a user of its own, where the world can have that. */
export const chapters: readonly Chapter[] = [
  ...taskChapters,
  ...seriesChapters,
  ...brokerChapters,
  ...channelChapters,
  calendarChapter,
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
