import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { patchedSeries } from '../../shared/domain/seriesChanges.ts';
import { seriesPatchSchema } from '../../shared/domain/seriesPatch.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { writeSeriesChange } from '../../shared/store/instances.ts';
import { foundSeries, selectDoneSlots, selectOpenInstances, selectSeries, toSlots } from '../../shared/store/series.ts';
import { toTask } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'updateSeries',
  summary: 'Changes a whole series by a merge patch: what is ahead follows, what is past or done stays.',
  trigger: { http: 'PATCH /series/:id' },
  input: { params: z.object({ id: z.uuid() }), body: seriesPatchSchema },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },
  emits: ['task.updated', 'task.deleted'],

  async handler({ userId, params: { id }, body, requireMatch }, { sql, read, now, commit }) {
    const [rows, open = [], done = [], zone] = await read(
      selectSeries(sql, userId, id),
      selectOpenInstances(sql, userId, id),
      selectDoneSlots(sql, userId, id),
      selectTimeZone(sql, userId),
    );
    const before = foundSeries(rows);
    requireMatch(before.version);

    const situation = {
      ...{ open: open.map(toTask), done: toSlots(done) },
      ...{ newId: randomUUID, now, userZone: foundTimeZone(zone) },
    };
    const change = await patchedSeries(before, body, situation);
    if (change.series === before) return viewOf(before);
    const { statements, events } = writeSeriesChange(sql, change);
    await commit({
      statements: [...holdTimeZone(sql, userId, change.series.calendar), ...statements],
      ...{ events, answer: viewOf(change.series) },
    });
    return viewOf(change.series);
  },
});
