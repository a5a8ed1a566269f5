import { brokerChapters } from './broker.ts';
import { calendarChapter } from './calendar.ts';
import { channelChapters } from './channels.ts';
import type { Chapter } from './chapter.ts';
import { restChapters } from './rest.ts';
import { seriesChapters } from './series.ts';
import { taskChapters } from './tasks.ts';

/** The story of the system, in order. Each chapter has a user of its own, where the world can have that. */
export const chapters: readonly Chapter[] = [
  ...taskChapters,
  ...seriesChapters,
  ...brokerChapters,
  ...channelChapters,
  calendarChapter,
  ...restChapters,
];
