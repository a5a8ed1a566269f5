import { emailCodeSchema } from '../../shared/domain/emailCode.ts';
import { invalid } from '../../shared/domain/errors.ts';
import { preferencesSchema, toPreferences } from '../../shared/domain/preferences.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { forgetCode, isRightCode, tryCode } from '../../shared/store/emailCodes.ts';
import { foundChoices, selectChoices, writeChoices } from '../../shared/store/preferences.ts';

export default defineFunction({
  name: 'confirmEmail',
  summary: 'Confirms the e-mail address of the preferences by the code that was sent to it.',
  trigger: { http: 'POST /preferences/email/confirm' },
  input: { body: emailCodeSchema },
  output: { status: 200, body: preferencesSchema, version: ({ version }) => version },

  async handler({ userId, body: { code } }, { sql, read, run, now, commit }) {
    const before = foundChoices(await read(selectChoices(sql, userId)));
    const { email } = before;
    if (!email) throw invalid({ pointer: '/code', detail: 'There is no address to confirm: choose one first.' });
    if (email.confirmedAt !== null) return toPreferences(before);
    if (!isRightCode(await run(tryCode(sql, userId, { address: email.address, code }, now)))) {
      throw invalid({ pointer: '/code', detail: 'It is not the last one, has expired, or was tried too often.' });
    }

    const confirmed = { ...email, confirmedAt: now.toISOString() };
    const choices = { ...before, email: confirmed, version: before.version + 1 };
    const answer = toPreferences(choices);
    await commit({ statements: [writeChoices(sql, userId, choices, now), forgetCode(sql, userId, now)], answer });
    return answer;
  },
});
