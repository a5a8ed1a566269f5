import * as z from 'zod/mini';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundSeries, selectSeries } from '../../shared/store/series.ts';

export default defineFunction({
  name: 'getSeries',
  summary: 'Reads one series: what its instances are like, when they are due, and how far it is.',
  trigger: { http: 'GET /series/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  async handler({ userId, params }, { sql, read }) {
    const [rows] = await read(selectSeries(sql, userId, params.id));
    return viewOf(foundSeries(rows));
  },
});
