import { webhookSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, newestFirst, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectWebhooks, toWebhook } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'listWebhooks',
  summary: 'Lists the webhooks, newest first.',
  trigger: { http: 'GET /webhooks' },
  input: { query: pageQuerySchema },
  output: { status: 200, body: pageSchema(webhookSchema) },

  async handler({ userId, query }, { sql, read }) {
    const after = decodeCursor(query, newestFirst);
    const [rows = []] = await read(selectWebhooks(sql, userId, query.limit + 1, after));
    return toPage(rows, query, toWebhook);
  },
});
