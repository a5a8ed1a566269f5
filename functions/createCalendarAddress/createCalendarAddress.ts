import { randomUUID } from 'node:crypto';
import { createdCalendarAddressSchema, newCalendarAddressSchema } from '../../shared/domain/calendarAddress.ts';
import { hashOfKey, newCalendarKey } from '../../shared/runtime/calendarKey.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertAddress } from '../../shared/store/calendarAddresses.ts';

export default defineFunction({
  name: 'createCalendarAddress',
  summary: 'Makes a secret address at which a calendar can read the tasks.',
  trigger: { http: 'POST /calendar-addresses' },
  input: { body: newCalendarAddressSchema },
  output: { status: 201, body: createdCalendarAddressSchema },

  async handler({ userId, body }, { sql, now, commit }) {
    const key = newCalendarKey();
    const address = { id: randomUUID(), name: body.name ?? null, createdAt: now.toISOString(), lastUsedOn: null };
    await commit({
      statements: insertAddress(sql, userId, address, hashOfKey(key)),
      // Kept for a repeated request: the key must stand nowhere.
      answer: { ...address, url: null },
    });
    return { ...address, url: `/calendar.ics?key=${key}` };
  },
});
