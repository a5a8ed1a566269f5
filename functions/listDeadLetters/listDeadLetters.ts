import { deadLetterSchema, deadLetterStatusSchema } from '../../shared/domain/deadLetter.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectDeadLetters, toDeadLetterSummary } from '../../shared/store/deadLetters.ts';

export default defineFunction({
  name: 'listDeadLetters',
  summary: 'Lists the dead letters of all users with their reasons, newest first, a page at a time.',
  trigger: { http: 'GET /admin/dead-letters' },
  scope: 'admin',
  reach: 'everybody',
  input: { query: pageQuerySchema.extend({ status: deadLetterStatusSchema.optional() }) },
  output: { status: 200, body: pageSchema(deadLetterSchema) },

  async handler({ query: { limit, cursor, status } }, { sql, run }) {
    const waiting = status === undefined ? null : status === 'waiting';
    const page = { waiting, limit: limit + 1, after: decodeCursor(cursor) };
    const [rows = []] = await run(selectDeadLetters(sql, page));
    return toPage(rows.map(toDeadLetterSummary), limit);
  },
});
