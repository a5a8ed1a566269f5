import * as z from 'zod';
import { text } from './text.ts';

const NAME_LENGTH = 100;

/** What a client sends to get a calendar address. */
export const newCalendarAddressSchema = z
  .strictObject({
    name: text(NAME_LENGTH).optional().describe('What the calendar is called where it is shown.'),
  })
  .meta({ id: 'NewCalendarAddress' });

/** An address of a user's calendar as they see it. Its key, which makes it secret, is not kept. */
export const calendarAddressSchema = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastUsedOn: z.iso.date().nullable().describe('The day, in UTC, on which it was used last.'),
  })
  .meta({ id: 'CalendarAddress' });

/** As `calendarAddressSchema`, with the address itself: only once. */
export const createdCalendarAddressSchema = calendarAddressSchema
  .extend({
    url: z
      .string()
      .nullable()
      .describe(
        'The address, relative to that of this API. Whoever knows it can read the calendar. ' +
          'Null where the request had been answered before: it is shown only once.',
      ),
  })
  .meta({ id: 'CreatedCalendarAddress' });

export type CalendarAddress = z.output<typeof calendarAddressSchema>;
