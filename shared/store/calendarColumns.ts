import * as z from 'zod/mini';
import type { Calendar } from '../domain/recurrence.ts';

/** The columns of a series that hold its calendar. */
export const calendarColumns = z.object({
  rule: z.string(),
  start_local: z.string(),
  time_zone: z.string(),
  floating: z.boolean(),
  overflow: z.enum(['clamp', 'skip']),
  gap: z.enum(['shift', 'skip']),
  exdates: z.array(z.string()),
  rdates: z.array(z.string()),
});

/** The calendar that these columns hold. */
export function toCalendar(columns: z.output<typeof calendarColumns>): Calendar {
  const { rule, start_local: start, time_zone: timeZone, floating, overflow, gap, exdates, rdates } = columns;
  return { rule, start, timeZone, ...(floating && { floating }), overflow, gap, exdates, rdates };
}
