import * as z from 'zod';
import { calendarAddressSchema, createdCalendarAddressSchema } from '../../shared/domain/calendarAddress.ts';
import { preferencesSchema } from '../../shared/domain/preferences.ts';
import { localDateOf } from '../../shared/domain/time.ts';
import { readCalendar } from '../testing/readCalendar.ts';
import { caller, sendUntilAnswered, wake } from './call.ts';
import { chapter } from './chapter.ts';
import { expect } from './look.ts';
import { authorization, signIn } from './user.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const TOKYO_AHEAD_MS = 9 * 60 * 60 * 1000;

const addressesSchema = z.object({ items: z.array(calendarAddressSchema) });

/** Of calendars, and of users who travel. */
export const calendarChapter = chapter({
  title: 'A task shows in its user’s calendar, and goes with them to Tokyo; the calendar’s address is revoked',
  needs: ['newUsers'],
  async run(world, narrate) {
    const user = await signIn(world, 'lena');
    const own = await authorization(world, 'lena');
    const call = caller(world, own);
    const tomorrow = localDateOf(new Date(Date.now() + DAY_MS), 'UTC');
    const due = { dateTime: `${tomorrow}T09:00`, floating: true };
    const task = await user.createTask({ title: 'Take the pill', due });

    await wake(world, own, { method: 'POST', path: '/calendar-addresses', body: { name: 1 } });
    const { id, url } = await call('POST', '/calendar-addresses', 201, createdCalendarAddressSchema, {});
    const read = () => sendUntilAnswered(world.api, { path: url ?? '' }, world);
    const calendar = readCalendar((await read()).body);
    const summaries = calendar.getAllSubcomponents('vtodo').map((todo) => todo.getFirstPropertyValue('summary'));
    expect(summaries.join() === 'Take the pill', 'the task as a to-do', summaries);
    narrate(`GET /calendar.ics?key=…: "${summaries.join()}", without a token`);

    await call('PATCH', '/preferences', 200, preferencesSchema, { timeZone: 'Asia/Tokyo' });
    const { dueAt } = await user.getTask(task.id);
    const earlierMs = Date.parse(task.dueAt ?? '') - Date.parse(dueAt ?? '');
    expect(earlierMs === TOKYO_AHEAD_MS, 'the same wall time in Tokyo', { before: task.dueAt, after: dueAt });
    narrate(`09:00 floats: due at ${task.dueAt} in UTC, at ${dueAt} once its user is in Tokyo`);

    const { items } = await call('GET', '/calendar-addresses', 200, addressesSchema);
    expect(items.length === 1 && items[0]?.lastUsedOn !== null, 'one address, which was used', items);
    await call('DELETE', `/calendar-addresses/${id}`, 200, calendarAddressSchema);
    const { status } = await read();
    expect(status === 404, 'no calendar at an address that was revoked', status);
    narrate('revoked: 404');
  },
});
