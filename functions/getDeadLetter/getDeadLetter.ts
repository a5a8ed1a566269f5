import * as z from 'zod/mini';
import { deadLetterSchema } from '../../shared/domain/deadLetter.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { selectDeadLetter, toDeadLetterSummary, toPayload } from '../../shared/store/deadLetters.ts';

const openedDeadLetterSchema = z.extend(deadLetterSchema, {
  payload: z
    .nullable(z.string())
    .check(z.describe('In Base64, since it may be anything; null where it was too large to be kept.')),
});

export default defineFunction({
  name: 'getDeadLetter',
  summary: 'Shows a dead letter with its payload.',
  trigger: { http: 'GET /admin/dead-letters/:id' },
  scope: 'admin',
  reach: 'everybody',
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: openedDeadLetterSchema },

  async handler({ params }, { sql, read }) {
    const [[row] = []] = await read(selectDeadLetter(sql, params.id));
    if (!row) throw new DomainError('not_found', 'There is no such dead letter.');
    return { ...toDeadLetterSummary(row), payload: toPayload(row)?.toString('base64') ?? null };
  },
});
