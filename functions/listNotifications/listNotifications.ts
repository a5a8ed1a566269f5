import { notificationSchema } from '../../shared/domain/notification.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, newestFirst, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectNotifications, toNotification } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'listNotifications',
  summary: 'Lists the notifications, newest first, a page at a time.',
  trigger: { http: 'GET /notifications' },
  input: { query: pageQuerySchema },
  output: { status: 200, body: pageSchema(notificationSchema) },

  async handler({ userId, query }, { sql, read }) {
    const after = decodeCursor(query, newestFirst);
    const [rows = []] = await read(selectNotifications(sql, userId, query.limit + 1, after));
    return toPage(rows, query, toNotification);
  },
});
