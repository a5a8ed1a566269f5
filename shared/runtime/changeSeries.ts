import { type Series, type SeriesView, viewOf } from '../domain/series.ts';
import { foundSeries, scheduleNext, selectSeries, updateSeries } from '../store/series.ts';
import type { Context, HttpRequest } from './defineFunction.ts';

/**
 * Answers a request to change a series and none of its instances. `change` throws where it may not be, and gives the
 * series back as it is where there is nothing to change.
 */
export async function changeSeries(
  { userId, params, requireMatch }: HttpRequest<unknown, { id: string }, unknown>,
  { sql, read, now, commit }: Context,
  change: (series: Series, now: Date) => Series | Promise<Series>,
): Promise<SeriesView> {
  const [rows] = await read(selectSeries(sql, userId, params.id));
  const before = foundSeries(rows);
  requireMatch(before.version);

  const series = await change(before, now);
  if (series === before) return viewOf(before);
  const answer = viewOf(series);
  await commit({ statements: [updateSeries(sql, series), ...scheduleNext(sql, userId, series.id)], answer });
  return answer;
}
