import * as z from 'zod/mini';
import { calendarAddressSchema } from '../../shared/domain/calendarAddress.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { selectAddresses, toAddress } from '../../shared/store/calendarAddresses.ts';

export default defineFunction({
  name: 'listCalendarAddresses',
  summary: 'Lists the addresses of the calendar, oldest first, without their keys.',
  trigger: { http: 'GET /calendar-addresses' },
  output: { status: 200, body: z.object({ items: z.array(calendarAddressSchema) }) },

  async handler({ userId }, { sql, read }) {
    const [rows = []] = await read(selectAddresses(sql, userId));
    return { items: rows.map(toAddress) };
  },
});
