import * as z from 'zod/mini';
import { seriesSchema, viewOf } from '../../shared/domain/series.ts';
import { slotSchema } from '../../shared/domain/seriesPatch.ts';
import { skipped } from '../../shared/domain/seriesSkip.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { writeSeriesChange } from '../../shared/store/instances.ts';
import { foundSeries, selectInstance, selectSeries } from '../../shared/store/series.ts';
import { toTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'skipOccurrence',
  summary: 'Leaves one slot of a series out; its instance, if there is one, is deleted, and the series goes on.',
  trigger: { http: 'POST /series/:id/skip' },
  input: { params: z.object({ id: z.uuid() }), body: z.strictObject({ occurrence: slotSchema }) },
  output: { status: 200, body: seriesSchema, version: ({ version }) => version },
  emits: ['task.deleted'],

  async handler({ userId, params: { id }, body: { occurrence }, requireMatch }, { sql, read, now, commit }) {
    const [rows, [instance] = []] = await read(
      selectSeries(sql, userId, id),
      selectInstance(sql, userId, id, occurrence),
    );
    const before = foundSeries(rows);
    requireMatch(before.version);

    const change = await skipped(before, occurrence, { instance: instance ? toTask(instance) : null, now });
    if (change.series === before) return viewOf(before);
    await commit({ ...writeSeriesChange(sql, change), answer: viewOf(change.series) });
    return viewOf(change.series);
  },
});
