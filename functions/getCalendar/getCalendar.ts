import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { DomainError } from '../../shared/domain/errors.ts';
import { calendarFile } from '../../shared/domain/iCalendar/calendarFile.ts';
import { hashOfKey } from '../../shared/runtime/calendarKey.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import {
  selectCalendarSeries,
  selectCalendarTasks,
  toCalendarSeries,
  toCalendarTask,
} from '../../shared/store/calendar.ts';
import { noteUse, selectAddress, selectOwner } from '../../shared/store/calendarAddresses.ts';

/** What a calendar can take, and a function can answer with in a second or two. */
const MOST_TASKS = 5_000;
const MOST_SERIES = 500;
const COMPLETED_SHOWN_MS = 30 * 24 * 60 * 60 * 1000;

export default defineFunction({
  name: 'getCalendar',
  summary: 'Gives the tasks as an iCalendar file to whoever knows a secret address of it.',
  trigger: { http: 'GET /calendar.ics' },
  public: true,
  input: {
    query: z.strictObject({
      key: z._default(z.string(), '').check(z.describe('What makes the address secret.')),
      as: z
        ._default(z.enum(['tasks', 'events']), 'tasks')
        .check(z.describe('To-dos, or events for calendars that show no to-dos.')),
    }),
  },
  output: {
    status: 200,
    body: z.string(),
    contentType: 'text/calendar; charset=utf-8',
    cacheControl: 'private, no-cache',
    version: (file) => createHash('sha256').update(file).digest('base64url'),
  },

  async caller({ key }, { sql, read }) {
    const [[owner] = []] = await read(selectOwner(sql, hashOfKey(key)));
    return owner ? String(owner.user_id) : refuse();
  },

  async handler({ userId, query }, { sql, read, run, now, afterwards }) {
    const keyHash = hashOfKey(query.key);
    const bounds = { limit: MOST_TASKS + 1, completedSince: new Date(now.getTime() - COMPLETED_SHOWN_MS) };
    const [[address] = [], tasks = [], series = []] = await read(
      selectAddress(sql, userId, keyHash, now),
      selectCalendarTasks(sql, userId, bounds),
      selectCalendarSeries(sql, userId, MOST_SERIES + 1),
    );
    if (!address) refuse();
    if (!address.used_today) afterwards(async () => void (await run(noteUse(sql, userId, keyHash, now))));
    const content = {
      name: z.nullable(z.string()).parse(address.name),
      tasks: tasks.slice(0, MOST_TASKS).map(toCalendarTask),
      series: series.slice(0, MOST_SERIES).map(toCalendarSeries),
      isCut: tasks.length > MOST_TASKS || series.length > MOST_SERIES,
    };
    return calendarFile(content, query.as, now);
  },
});

/** The same for no key, an unknown one, and one that was revoked. */
function refuse(): never {
  throw new DomainError('not_found', 'There is no calendar at this address.');
}
