import * as z from 'zod/mini';
import { seriesSchema } from '../../shared/domain/series.ts';
import { resumed } from '../../shared/domain/seriesProgress.ts';
import { changeSeries } from '../../shared/runtime/changeSeries.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';

export default defineFunction({
  name: 'resumeSeries',
  summary: 'Lets a paused series go on with the first slot that is ahead.',
  trigger: { http: 'POST /series/:id/resume' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },

  handler: (request, context) => changeSeries(request, context, resumed),
});
