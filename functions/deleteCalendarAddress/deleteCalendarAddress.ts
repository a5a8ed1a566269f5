import * as z from 'zod/mini';
import { calendarAddressSchema } from '../../shared/domain/calendarAddress.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { deleteAddress, selectAddresses, toAddress } from '../../shared/store/calendarAddresses.ts';

export default defineFunction({
  name: 'deleteCalendarAddress',
  summary: 'Revokes an address of the calendar, at once and for good.',
  trigger: { http: 'DELETE /calendar-addresses/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: calendarAddressSchema },

  async handler({ userId, params }, { sql, read, commit }) {
    const [[row] = []] = await read(selectAddresses(sql, userId, params.id));
    if (!row) throw new DomainError('not_found', 'There is no such calendar address.');
    const answer = toAddress(row);
    await commit({ statements: [deleteAddress(sql, userId, params.id)], answer });
    return answer;
  },
});
