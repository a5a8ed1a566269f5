import {
  type Creation,
  LONGEST_WAIT_SECONDS,
  type PlannedDue,
  type PlannedTask,
  planMove,
  planTask,
  randomPriority,
  randomTags,
} from '../plannedTask.ts';
import type { Random } from '../random.ts';

/** A merge patch of a task that is to be sent; its due time is relative to that moment. */
export interface PlannedPatch {
  title?: string;
  description?: string | null;
  priority?: PlannedTask['priority'];
  tags?: string[];
  due?: PlannedDue;
}

/** What a write does to the script's task; `read` marks a notification of its user as read instead. Choices are 0 to 1. */
export type Action =
  | { kind: 'update'; patch: PlannedPatch }
  | { kind: 'complete' }
  | { kind: 'reopen' }
  | { kind: 'delete' }
  | { kind: 'restore' }
  /** Puts one of the task's reminders off, from now. */
  | { kind: 'snooze'; choice: number; seconds: number }
  | { kind: 'dismiss'; choice: number }
  | { kind: 'read'; choice: number };

/**
 * How a write is sent again with its Idempotency-Key: not, once it was answered, meanwhile, after the client hung up and
 * may have missed the answer, or with another body.
 */
export type Repeat = 'none' | 'again' | 'at once' | 'hung up' | 'other body';

/** A write of a script. */
export interface ScriptWrite {
  action: Action;
  repeat: Repeat;
  /** Whether it is to be made only on the version that the client knows (`If-Match`). */
  guarded: boolean;
  /** How long the client waits before it, so that reminders come due meanwhile. */
  pauseMs: number;
}

/** What one client does to one task, one after the other: its creation, and some writes. */
export interface Script {
  task: PlannedTask;
  repeatCreation: Repeat;
  writes: ScriptWrite[];
}

/** The planner's idea of the task: what a client would do next depends on it. */
type Standing = 'open' | 'completed' | 'deleted';

const CREATIONS: Creation[] = ['plain', 'due', 'due', 'due', 'reminders', 'reminders', 'recurring'];
const REPEATS: Repeat[] = ['none', 'none', 'again', 'again', 'at once', 'at once', 'hung up', 'hung up', 'other body'];

/** Mostly what changes something, and now and then what has nothing to change or finds nothing. */
const NEXT: Record<Standing, Action['kind'][]> = {
  open: [
    ...(['update', 'update', 'update', 'update', 'complete', 'complete', 'delete'] as const),
    ...(['snooze', 'snooze', 'dismiss', 'reopen', 'read'] as const),
  ],
  completed: ['update', 'update', 'reopen', 'reopen', 'reopen', 'reopen', 'delete', 'complete', 'snooze', 'read'],
  deleted: ['restore', 'restore', 'restore', 'restore', 'update', 'delete', 'read'],
};
/** An instance of a series is completed, and the next one made: to open it again would make two open ones. */
const NEXT_OF_SERIES: Action['kind'][] = ['update', 'update', 'complete', 'snooze', 'dismiss', 'read'];

/** What is refused for no other reason than its version, or because there is no such task, which is looked at before. */
const GUARDABLE: ReadonlySet<Action['kind']> = new Set(['update', 'complete', 'reopen', 'delete', 'restore']);
const GUARDED_SHARE = 0.3;
const LONG_PAUSE_SHARE = 0.25;

/** Plans a script of a creation and `length` writes; its titles begin with `title`. */
export function planScript(title: string, length: number, random: Random): Script {
  const creation = random.pick(CREATIONS);
  const planned = planTask(creation, title, random);
  const task = creation === 'due' ? { ...planned, ...soonDue(random) } : planned;
  let standing: Standing = 'open';
  let beforeDeletion: Standing = 'open';
  const writes = Array.from({ length }, (_, index): ScriptWrite => {
    const kind = random.pick(creation === 'recurring' ? NEXT_OF_SERIES : NEXT[standing]);
    if (kind === 'delete' && standing !== 'deleted') beforeDeletion = standing;
    standing = standingAfter(kind, standing, beforeDeletion);
    return {
      action: planAction(kind, `${title}.${index}`, { movable: creation !== 'recurring', random }),
      repeat: random.pick(REPEATS),
      guarded: GUARDABLE.has(kind) && random.chance(GUARDED_SHARE),
      pauseMs: random.chance(LONG_PAUSE_SHARE) ? random.integer(500, 3_500) : 0,
    };
  });
  return { task, repeatCreation: random.pick(REPEATS), writes };
}

/** A due time in the run whose reminders are on their way while the script writes, and move when it moves. */
function soonDue(random: Random): Pick<PlannedTask, 'due' | 'remindBefore'> {
  const inSeconds = random.integer(2, LONGEST_WAIT_SECONDS);
  const others = ['PT1H', 'P1D'].filter(() => random.chance(0.3));
  return { due: { inSeconds, timeZone: 'UTC' }, remindBefore: ['PT0S', random.pick(['PT3S', 'PT5S']), ...others] };
}

function standingAfter(kind: Action['kind'], standing: Standing, beforeDeletion: Standing): Standing {
  if (standing === 'deleted') return kind === 'restore' ? beforeDeletion : 'deleted';
  if (kind === 'complete') return 'completed';
  if (kind === 'reopen') return 'open';
  return kind === 'delete' ? 'deleted' : standing;
}

function planAction(
  kind: Action['kind'],
  title: string,
  { movable, random }: { movable: boolean; random: Random },
): Action {
  if (kind === 'read' || kind === 'dismiss') return { kind, choice: random.next() };
  if (kind === 'snooze') return { kind, choice: random.next(), seconds: random.integer(1, LONGEST_WAIT_SECONDS) };
  if (kind !== 'update') return { kind };
  const patch: PlannedPatch = {
    ...(random.chance(0.4) && { title }),
    ...(random.chance(0.3) && { description: random.chance(0.3) ? null : `about ${title}` }),
    ...(random.chance(0.3) && { tags: randomTags(random) }),
    ...(movable && random.chance(0.5) && { due: planMove(random) }),
  };
  // A patch names at least one field; this one changes nothing now and then.
  if (Object.keys(patch).length === 0) patch.priority = randomPriority(random);
  return { kind, patch };
}
