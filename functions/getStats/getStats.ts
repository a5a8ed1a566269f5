import { rangeOf, statsQuerySchema, statsSchema } from '../../shared/domain/stats.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { selectStats, toStats } from '../../shared/store/stats.ts';
import { refuseUnknownZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'getStats',
  summary: 'Tells what was created, completed and overdue on each day of a zone, and for how many days in a row.',
  trigger: { http: 'GET /stats' },
  input: { query: statsQuerySchema },
  output: { status: 200, body: statsSchema },

  async handler({ userId, query }, { sql, read, now }) {
    const range = rangeOf(query, now);
    return toStats(await read(...selectStats(sql, userId, range, now)).catch(refuseUnknownZone), range);
  },
});
