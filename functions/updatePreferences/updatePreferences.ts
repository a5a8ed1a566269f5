import { isDeepStrictEqual } from 'node:util';
import { choose, preferencesPatchSchema, preferencesSchema, toPreferences } from '../../shared/domain/preferences.ts';
import { relocated } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { type Context, defineFunction } from '../../shared/runtime/defineFunction.ts';
import { relocateTasks, selectFloatingTasks } from '../../shared/store/floatingTasks.ts';
import { foundChoices, requireZone, selectChoices, writeChoices } from '../../shared/store/preferences.ts';
import { toTask } from '../../shared/store/tasks.ts';
import { lockTimeZone, refuseUnknownZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'updatePreferences',
  summary: 'Changes where the user is and how they want to be notified, by a merge patch.',
  trigger: { http: 'PATCH /preferences' },
  input: { body: preferencesPatchSchema },
  output: { status: 200, body: preferencesSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, body, requireMatch }, context) {
    const { sql, run, now, commit } = context;
    const before = foundChoices(await run(selectChoices(sql, userId)));
    requireMatch(before.version);

    const choices = choose(before, body);
    if (isDeepStrictEqual({ ...choices, version: before.version }, before)) return toPreferences(before);
    const answer = toPreferences(choices);
    const moves = answer.timeZone !== toPreferences(before).timeZone;
    const relocation = moves ? await relocate(userId, answer.timeZone, context) : { statements: [], events: [] };
    await commit({
      statements: [requireZone(sql, choices), writeChoices(sql, userId, choices, now), ...relocation.statements],
      events: relocation.events,
      answer,
    }).catch(refuseUnknownZone);
    return answer;
  },
});

/** What is due at floating times goes where the user goes. */
async function relocate(userId: string, timeZone: string, { sql, run, now }: Context) {
  const before = ((await run(selectFloatingTasks(sql, userId)))[0] ?? []).map(toTask);
  const tasks = before.map((task) => relocated(task, timeZone, now));
  return {
    statements: [lockTimeZone(sql, userId), ...relocateTasks(sql, userId, tasks, timeZone)],
    events: tasks.map((task, index) => taskUpdated(userId, before[index] ?? task, task)),
  };
}
