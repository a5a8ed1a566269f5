import * as z from 'zod/mini';
import { seriesListSchema, seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, newestFirst, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectSeriesList, toSeries } from '../../shared/store/series.ts';

export default defineFunction({
  name: 'listSeries',
  summary: 'Lists the series of recurring tasks, newest first, a page at a time.',
  trigger: { http: 'GET /series' },
  input: { query: z.extend(pageQuerySchema, seriesListSchema.shape) },
  output: { status: 200, body: pageSchema(seriesSchema) },

  async handler({ userId, query }, { sql, read }) {
    const page = { state: query.state, limit: query.limit + 1, after: decodeCursor(query, newestFirst) };
    const [rows = []] = await read(selectSeriesList(sql, userId, page));
    return toPage(rows, query, (row) => viewOf(toSeries(row)));
  },
});
