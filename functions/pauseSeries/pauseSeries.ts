import * as z from 'zod/mini';
import { seriesSchema } from '../../shared/domain/series.ts';
import { paused } from '../../shared/domain/seriesProgress.ts';
import { changeSeries } from '../../shared/runtime/changeSeries.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';

export default defineFunction({
  name: 'pauseSeries',
  summary: 'Lets a series make no instances until it is resumed; an open one stays.',
  trigger: { http: 'POST /series/:id/pause' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  handler: (request, context) => changeSeries(request, context, paused),
});
