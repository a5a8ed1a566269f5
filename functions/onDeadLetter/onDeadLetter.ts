import { describeLetter } from '../../shared/events/deadLetter.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { keepDeadLetter } from '../../shared/store/deadLetters.ts';

export default defineFunction({
  name: 'onDeadLetter',
  summary: 'Keeps what no function could take, so that it can be looked at and replayed.',
  trigger: { deadLetters: true },

  async handler(letter, { sql, run, now }) {
    const description = describeLetter(letter);
    await run(keepDeadLetter(sql, letter, description, now));
    return { letter: description.id, event: description.eventId, fault: description.fault };
  },
});
