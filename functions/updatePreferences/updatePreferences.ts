import { isDeepStrictEqual } from 'node:util';
import { choose, preferencesPatchSchema, preferencesSchema, toPreferences } from '../../shared/domain/preferences.ts';
import { relocatedSeries } from '../../shared/domain/seriesChanges.ts';
import { relocated } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { type Context, defineFunction } from '../../shared/runtime/defineFunction.ts';
import { sendCode } from '../../shared/store/deliveries.ts';
import { selectFloating, writeRelocated } from '../../shared/store/floating.ts';
import { foundChoices, requireZone, selectChoices, writeChoices } from '../../shared/store/preferences.ts';
import { toSeries } from '../../shared/store/series.ts';
import { toTask } from '../../shared/store/tasks.ts';
import { lockTimeZone, refuseUnknownZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'updatePreferences',
  summary: 'Changes where the user is and how they want to be notified; sends a code to a new e-mail address.',
  trigger: { http: 'PATCH /preferences' },
  input: { body: preferencesPatchSchema },
  output: { status: 200, body: preferencesSchema, version: ({ version }) => version },
  emits: ['task.updated', 'delivery.due'],

  async handler({ userId, body, requireMatch }, context) {
    const { sql, read, now, origin, commit } = context;
    const before = foundChoices(await read(selectChoices(sql, userId)));
    requireMatch(before.version);

    const choices = choose(before, body);
    if (isDeepStrictEqual({ ...choices, version: before.version }, before)) return toPreferences(before);
    const answer = toPreferences(choices);
    const moves = answer.timeZone !== toPreferences(before).timeZone;
    const relocation = moves ? await relocate(userId, answer.timeZone, context) : { statements: [], events: [] };
    const address = choices.email?.address;
    await commit({
      statements: [requireZone(sql, choices), writeChoices(sql, userId, choices, now), ...relocation.statements],
      events: relocation.events,
      emitting: address && address !== before.email?.address ? [sendCode(sql, userId, address, { origin, now })] : [],
      answer,
    }).catch(refuseUnknownZone);
    return answer;
  },
});

/** What is at floating times goes where the user goes. */
async function relocate(userId: string, timeZone: string, { sql, read, now }: Context) {
  const [taskRows = [], seriesRows = []] = await read(...selectFloating(sql, userId));
  const before = taskRows.map(toTask);
  const tasks = before.map((task) => relocated(task, timeZone, now));
  const series = seriesRows.map((row) => relocatedSeries(toSeries(row), timeZone, now));
  return {
    statements: [lockTimeZone(sql, userId), ...writeRelocated(sql, userId, { tasks, series, timeZone })],
    events: tasks.map((task, index) => taskUpdated(userId, before[index] ?? task, task)),
  };
}
