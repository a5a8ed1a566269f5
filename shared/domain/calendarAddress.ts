import * as z from 'zod/mini';
import { text } from './text.ts';

const NAME_LENGTH = 100;

/** What a client sends to get a calendar address. */
export const newCalendarAddressSchema = z
  .strictObject({
    name: z.optional(text(NAME_LENGTH)).check(z.describe('What the calendar is called where it is shown.')),
  })
  .register(z.globalRegistry, { id: 'NewCalendarAddress' });

/** An address of a user's calendar as they see it. Its key, which makes it secret, is not kept. */
export const calendarAddressSchema = z
  .object({
    id: z.uuid(),
    name: z.nullable(z.string()),
    createdAt: z.iso.datetime(),
    lastUsedOn: z.nullable(z.iso.date()).check(z.describe('The day, in UTC, on which it was used last.')),
  })
  .register(z.globalRegistry, { id: 'CalendarAddress' });

/** As `calendarAddressSchema`, with the address itself: only once. */
export const createdCalendarAddressSchema = z
  .extend(calendarAddressSchema, {
    url: z
      .nullable(z.string())
      .check(
        z.describe(
          'The address, relative to that of this API. Whoever knows it can read the calendar. ' +
            'Null where the request had been answered before: it is shown only once.',
        ),
      ),
  })
  .register(z.globalRegistry, { id: 'CreatedCalendarAddress' });

export type CalendarAddress = z.output<typeof calendarAddressSchema>;
