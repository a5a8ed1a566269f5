import * as z from 'zod/mini';
import { seriesSchema } from '../../shared/domain/series.ts';
import { ended } from '../../shared/domain/seriesProgress.ts';
import { changeSeries } from '../../shared/runtime/changeSeries.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';

export default defineFunction({
  name: 'endSeries',
  summary: 'Lets a series make no instances any more; an open one stays.',
  trigger: { http: 'POST /series/:id/end' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  handler: (request, context) => changeSeries(request, context, ended),
});
