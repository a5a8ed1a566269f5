import { isDeepStrictEqual } from 'node:util';
import type { PlayedScript } from '../ledger.ts';
import { differences } from '../scripts/model.ts';
import { lastTurn } from '../scripts/reminding.ts';
import { type Replay, replay, type WrittenEvent } from '../scripts/replay.ts';
import { type Check, type Evidence, scriptedTasks } from './check.ts';
import { iso, readTasks } from './taskRows.ts';

/** Of tasks that were written to in a known order it is known exactly what they and their events must be. */
export const scriptChecks: Check[] = [
  replayCheck(
    'Every write of a script that changed its task is one event, in its order, and there is no other',
    'sequence',
  ),
  replayCheck('The events of a script tell what was changed, and what was before', 'contents'),
  replayCheck('Every answer to a script is what its writes make', 'answers'),
  replayCheck(
    'Reminders of a script were sent once for each time that they had, and not when it was closed',
    'reminders',
  ),
  {
    promise: 'Every task of a script is in the end what its writes make',
    async run(evidence) {
      const rows = await readTasks(evidence.sql, 'id', scriptedTasks(evidence));
      const replays = await replaysOf(evidence);
      const violations = replays.flatMap(({ script, outcome: { task } }) => {
        const row = rows.get(script.created.id);
        if (row?.userId !== script.userId) return [`task ${task.id} is lost`];
        if (isDeepStrictEqual(row.task, task)) return [];
        const fields = differences(row.task, task).join(', ') || 'version or time';
        return [`task ${task.id}: ${fields} of version ${row.task.version}, in place of ${task.version}`];
      });
      return { looked: replays.length, violations };
    },
  },
  {
    promise: 'Reminders of a script are shown where they stand in the end, and not after they no longer do',
    async run(evidence) {
      const handled = await handledReminders(evidence);
      const replays = await replaysOf(evidence);
      const violations = replays.flatMap(({ script, events }) =>
        events.flatMap((event) => {
          const handling = handled.get(event.id);
          if (!handling) return [];
          const { stands, since } = lastTurn(event, script.writes);
          if (handling.at <= since || handling.shown === stands) return [];
          return [`task ${script.created.id}: ${event.id} of ${handling.at} was ${handling.shown ? '' : 'not '}shown`];
        }),
      );
      return { looked: handled.size, violations };
    },
  },
];

/** When the events of reminders were handled, and whether they were shown then. */
async function handledReminders(evidence: Evidence): Promise<Map<string, { at: string; shown: boolean }>> {
  const rows = await evidence.sql<{ event_id: string; at: string; shown: string }>(
    `select o.event_id, ${iso('i.processed_at')} as at,
            (exists (select from notifications n where n.task_id = o.task_id and n.kind = 'reminder.due'
                     and n.created_at = i.processed_at))::text as shown
     from outbox o join inbox i on i.event_id = o.event_id and i.function = 'onReminderDue'
     where o.event_type = 'reminder.due' and $1::jsonb ? o.task_id::text`,
    [JSON.stringify(scriptedTasks(evidence))],
  );
  return new Map(rows.map(({ event_id: id, at, shown }) => [id, { at, shown: shown === 'true' }]));
}

/** A check of one kind of what a replay finds. */
function replayCheck(promise: string, kind: Exclude<keyof Replay, 'task'>): Check {
  return {
    promise,
    async run(evidence) {
      const replays = await replaysOf(evidence);
      const looked = replays.reduce(
        (sum, { events }) => sum + events.filter((event) => concerns(kind, event)).length,
        0,
      );
      return { looked, violations: replays.flatMap(({ outcome }) => outcome[kind]) };
    },
  };
}

function concerns(kind: Exclude<keyof Replay, 'task'>, { type }: WrittenEvent): boolean {
  return (type === 'reminder.due') === (kind === 'reminders');
}

interface Replayed {
  script: PlayedScript;
  events: WrittenEvent[];
  outcome: Replay;
}

async function replaysOf(evidence: Evidence): Promise<Replayed[]> {
  const rows = await evidence.sql<{ task_id: string; event: string }>(
    `select task_id, jsonb_build_object('id', event_id, 'type', event_type, 'data', data,
                                        'occurredAt', ${iso('occurred_at')})::text as event
     from outbox where $1::jsonb ? task_id::text and event_type <> 'recurring.trigger' order by seq`,
    [JSON.stringify(scriptedTasks(evidence))],
  );
  const events = new Map<string, WrittenEvent[]>();
  for (const { task_id: id, event } of rows) events.set(id, [...(events.get(id) ?? []), JSON.parse(event)]);
  return evidence.ledger.scripts.map((script) => {
    const written = events.get(script.created.id) ?? [];
    return { script, events: written, outcome: replay(script, written) };
  });
}
