import * as z from 'zod/mini';
import { DomainError } from '../../shared/domain/errors.ts';
import { notificationSchema } from '../../shared/domain/notification.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { markRead, selectNotification, toNotification } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'readNotification',
  summary: 'Marks a notification as read.',
  trigger: { http: 'POST /notifications/:id/read' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: notificationSchema },

  async handler({ userId, params }, { sql, read, now, commit }) {
    const [[row] = []] = await read(selectNotification(sql, userId, params.id));
    if (!row) throw new DomainError('not_found', 'There is no such notification.');
    const notification = toNotification(row);
    if (notification.readAt !== null) return notification;

    const answer = { ...notification, readAt: now.toISOString() };
    await commit({ statements: [markRead(sql, userId, params.id, now)], answer });
    return answer;
  },
});
