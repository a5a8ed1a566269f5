import { preferencesSchema, toPreferences } from '../../shared/domain/preferences.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundChoices, selectChoices } from '../../shared/store/preferences.ts';

export default defineFunction({
  name: 'getPreferences',
  summary: 'Tells how the user wants to be notified.',
  trigger: { http: 'GET /preferences' },
  output: { status: 200, body: preferencesSchema, version: ({ version }) => version },

  handler: async ({ userId }, { sql, read }) => toPreferences(foundChoices(await read(selectChoices(sql, userId)))),
});
