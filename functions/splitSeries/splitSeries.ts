import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { seriesSplitSchema } from '../../shared/domain/seriesPatch.ts';
import { split } from '../../shared/domain/seriesSplit.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { writeSplit } from '../../shared/store/instances.ts';
import {
  foundSeries,
  requireRoomForSeries,
  selectDoneSlots,
  selectOpenInstances,
  selectSeries,
  toSlots,
} from '../../shared/store/series.ts';
import { toTask } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'splitSeries',
  summary: 'Changes a series from one slot on: it ends before that, and a new one begins there.',
  trigger: { http: 'POST /series/:id/split' },
  input: { params: z.object({ id: z.uuid() }), body: seriesSplitSchema },
  output: { status: 201, body: seriesSchema, location: ({ id }) => `/series/${id}`, version: ({ version }) => version },
  emits: ['task.updated', 'task.deleted'],

  async handler({ userId, params: { id }, body: { from, ...patch }, requireMatch }, { sql, read, now, commit }) {
    const [rows, open = [], done = [], zone] = await read(
      selectSeries(sql, userId, id),
      selectOpenInstances(sql, userId, id),
      selectDoneSlots(sql, userId, id),
      selectTimeZone(sql, userId),
    );
    const series = foundSeries(rows);
    requireMatch(series.version);

    const situation = {
      ...{ open: open.map(toTask), done: toSlots(done) },
      ...{ newId: randomUUID, now, userZone: foundTimeZone(zone) },
    };
    const parts = await split(series, { from, patch, id: randomUUID() }, situation);
    const { statements, events } = writeSplit(sql, parts);
    const answer = viewOf(parts.after);
    await commit({
      statements: [
        requireRoomForSeries(sql, userId),
        ...holdTimeZone(sql, userId, parts.after.calendar),
        ...statements,
      ],
      ...{ events, answer },
    });
    return answer;
  },
});
