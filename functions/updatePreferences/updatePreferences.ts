import { isDeepStrictEqual } from 'node:util';
import { choose, preferencesPatchSchema, preferencesSchema, toPreferences } from '../../shared/domain/preferences.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundChoices, requireZone, selectChoices, writeChoices } from '../../shared/store/preferences.ts';
import { refuseUnknownZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'updatePreferences',
  summary: 'Changes how the user wants to be notified, by a merge patch.',
  trigger: { http: 'PATCH /preferences' },
  input: { body: preferencesPatchSchema },
  output: { status: 200, body: preferencesSchema, version: ({ version }) => version },

  async handler({ userId, body, requireMatch }, { sql, run, now, commit }) {
    const before = foundChoices(await run(selectChoices(sql, userId)));
    requireMatch(before.version);

    const choices = choose(before, body);
    if (isDeepStrictEqual({ ...choices, version: before.version }, before)) return toPreferences(before);
    const answer = toPreferences(choices);
    await commit({ statements: [requireZone(sql, choices), writeChoices(sql, userId, choices, now)], answer }).catch(
      refuseUnknownZone,
    );
    return answer;
  },
});
