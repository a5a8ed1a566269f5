import * as z from 'zod';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { paused } from '../../shared/domain/seriesProgress.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundSeries, scheduleNext, selectSeries, updateSeries } from '../../shared/store/series.ts';

export default defineFunction({
  name: 'pauseSeries',
  summary: 'Lets a series make no instances until it is resumed; an open one stays.',
  trigger: { http: 'POST /series/:id/pause' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  async handler({ userId, params, requireMatch }, { sql, run, now, commit }) {
    const [rows] = await run(selectSeries(sql, userId, params.id));
    const before = foundSeries(rows);
    requireMatch(before.version);

    const series = paused(before, now);
    if (series === before) return viewOf(before);
    await commit({
      statements: [updateSeries(sql, series), ...scheduleNext(sql, userId, series.id)],
      answer: viewOf(series),
    });
    return viewOf(series);
  },
});
