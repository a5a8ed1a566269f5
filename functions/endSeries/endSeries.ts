import * as z from 'zod';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { ended } from '../../shared/domain/seriesProgress.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundSeries, scheduleNext, selectSeries, updateSeries } from '../../shared/store/series.ts';

export default defineFunction({
  name: 'endSeries',
  summary: 'Lets a series make no instances any more; an open one stays.',
  trigger: { http: 'POST /series/:id/end' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  async handler({ userId, params, requireMatch }, { sql, run, now, commit }) {
    const [rows] = await run(selectSeries(sql, userId, params.id));
    const before = foundSeries(rows);
    requireMatch(before.version);

    const series = ended(before, now);
    if (series === before) return viewOf(before);
    await commit({
      statements: [updateSeries(sql, series), ...scheduleNext(sql, userId, series.id)],
      answer: viewOf(series),
    });
    return viewOf(series);
  },
});
