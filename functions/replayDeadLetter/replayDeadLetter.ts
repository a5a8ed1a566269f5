import * as z from 'zod/mini';
import { deadLetterSchema } from '../../shared/domain/deadLetter.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { eventTypes } from '../../shared/events/catalogue.ts';
import { eventToReplay } from '../../shared/events/deadLetter.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { markReplayed, selectDeadLetter, toDeadLetterSummary, toPayload } from '../../shared/store/deadLetters.ts';

export default defineFunction({
  name: 'replayDeadLetter',
  summary: 'Publishes a dead letter’s event again; where it took effect already, it has none.',
  trigger: { http: 'POST /admin/dead-letters/:id/replay' },
  scope: 'admin',
  reach: 'everybody',
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: deadLetterSchema },
  emits: eventTypes,

  async handler({ params }, { sql, read, run, now, republish }) {
    const [[row] = []] = await read(selectDeadLetter(sql, params.id));
    if (!row) throw new DomainError('not_found', 'There is no such dead letter.');
    const letter = toDeadLetterSummary(row);
    // Read anew: what could not be read when it came may be what a newer version can read.
    const { event, fault } = eventToReplay({ topic: letter.topic, payload: toPayload(row) });
    if (!event) throw new DomainError('invalid', `It cannot be replayed: ${fault}`);

    await republish(event).catch(unpublished);
    const [[marked] = []] = await run(markReplayed(sql, letter.id, letter.timesReceived, now));
    return toDeadLetterSummary(marked);
  },
});

function unpublished(cause: unknown): never {
  const detail = 'The broker did not take the event in time. The letter goes on waiting: replay it again.';
  throw new DomainError('unavailable', detail, [], { cause });
}
