import { advance, beginningOf, changeOf, changesSchema, requireKnown } from '../../shared/domain/changeFeed.ts';
import { changesQuerySchema, decodeChangeCursor, encodeChangeCursor } from '../../shared/runtime/changeCursor.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { selectChanges, toFeedPosition, toFeedState } from '../../shared/store/changes.ts';
import { toTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'listChanges',
  summary: 'Lists what has changed since a cursor, deletions included: each task once, as it is now.',
  trigger: { http: 'GET /changes' },
  input: { query: changesQuerySchema },
  output: { status: 200, body: changesSchema },

  async handler({ userId, query }, { sql, read }) {
    const cursor = decodeChangeCursor(query.since);
    const [rows = []] = await read(selectChanges(sql, userId, query.limit + 1, cursor));
    const state = toFeedState(rows[0]);
    const since = cursor ?? beginningOf(state);
    if (cursor) requireKnown(cursor, state);

    const changed = rows.filter(({ id }) => id !== null);
    const page = changed.slice(0, query.limit);
    const more = changed.length > query.limit;
    const last = page.at(-1);
    const next = advance(since, state, { last: last && toFeedPosition(last), more });
    return { changes: page.map(toTask).map(changeOf), next: encodeChangeCursor(next), more };
  },
});
