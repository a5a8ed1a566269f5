import * as z from 'zod/mini';
import { deadLetterSchema, deadLetterStatusSchema } from '../../shared/domain/deadLetter.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, newestFirst, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectDeadLetters, toDeadLetterSummary } from '../../shared/store/deadLetters.ts';

export default defineFunction({
  name: 'listDeadLetters',
  summary: 'Lists the dead letters of all users with their reasons, newest first, a page at a time.',
  trigger: { http: 'GET /admin/dead-letters' },
  scope: 'admin',
  reach: 'everybody',
  input: { query: z.extend(pageQuerySchema, { status: z.optional(deadLetterStatusSchema) }) },
  output: { status: 200, body: pageSchema(deadLetterSchema) },

  async handler({ query }, { sql, read }) {
    const waiting = query.status === undefined ? null : query.status === 'waiting';
    const after = decodeCursor(query, newestFirst);
    const [rows = []] = await read(selectDeadLetters(sql, { waiting, limit: query.limit + 1, after }));
    return toPage(rows, query, toDeadLetterSummary);
  },
});
