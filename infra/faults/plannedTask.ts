import { localDateTimeOf } from '../../shared/domain/time.ts';
import type { Random } from './random.ts';

/** A due time, relative to the moment when it is sent. */
export interface PlannedDue {
  inSeconds: number;
  timeZone: string;
}

/** A task that is to be written. Times are relative to the moment when it is sent, in seconds. */
export interface PlannedTask {
  /** Unique within the run, so that a write that was done twice shows. */
  title: string;
  priority: 'low' | 'medium' | 'high';
  tags: string[];
  due?: PlannedDue;
  /** Reminders at instants; negative ones have passed already. */
  remindInSeconds: number[];
  /** Reminders before the due time, as ISO 8601 durations. */
  remindBefore: string[];
  rule?: string;
}

export type Creation = 'plain' | 'due' | 'reminders' | 'recurring';

const DAY = 24 * 60 * 60;
const ZONES = ['UTC', 'Europe/Madrid', 'Asia/Kolkata', 'America/New_York'];
/** Without clock changes, so that a day has 24 hours; and the minutes by which their clocks are ahead of UTC. */
export const STEADY_ZONES = { UTC: 0, 'Asia/Kolkata': 330, 'Asia/Tokyo': 540 };
/** The last reminder of a run comes due this long after its last write, in seconds. */
export const LONGEST_WAIT_SECONDS = 8;
const TAGS = ['home', 'work', 'größer'];

/** Plans a task of a kind. */
export function planTask(kind: Creation, title: string, random: Random): PlannedTask {
  const task: PlannedTask = {
    ...{ title, priority: randomPriority(random), tags: randomTags(random) },
    ...{ remindInSeconds: [], remindBefore: [] },
  };
  if (kind === 'due') {
    // Due in the run or after it, and reminded at the due time, before it, or too late.
    const inSeconds = random.chance(0.5) ? soon(random) : random.integer(1, 400) * DAY;
    task.due = { inSeconds, timeZone: random.pick(ZONES) };
    task.remindBefore = ['PT0S', 'PT5S', 'P1D', 'PT1H'].filter(() => random.chance(0.4));
  }
  if (kind === 'reminders') {
    task.remindInSeconds = Array.from({ length: random.integer(1, 3) }, () => {
      const when = random.next();
      return when < 0.7 ? soon(random) : when < 0.85 ? random.integer(1, 300) * DAY : -random.integer(60, 3 * DAY);
    });
  }
  if (kind === 'recurring') {
    const period = random.pick([1, 7]);
    // The next slot falls into the run.
    const start = soon(random) - random.integer(1, 3) * period * DAY;
    task.due = { inSeconds: start, timeZone: steadyZone(random) };
    task.rule = period === 1 ? 'FREQ=DAILY' : 'FREQ=WEEKLY';
    task.remindBefore = random.chance(0.5) ? [random.pick(['PT0S', 'PT3S'])] : [];
  }
  return task;
}

/** Plans a due time to which a task is moved: into the run, beyond it, or into the past. */
export function planMove(random: Random): PlannedDue {
  const when = random.next();
  const inSeconds = when < 0.6 ? soon(random) : when < 0.9 ? random.integer(2, 400) * DAY : -random.integer(60, DAY);
  return { inSeconds, timeZone: steadyZone(random) };
}

export function randomPriority(random: Random): PlannedTask['priority'] {
  return random.pick(['low', 'medium', 'high'] as const);
}

export function randomTags(random: Random): string[] {
  return TAGS.filter(() => random.chance(0.3));
}

/** A due time as the API takes it, sent now. */
export function dueOf({ inSeconds, timeZone }: PlannedDue, now: Date): { dateTime: string; timeZone: string } {
  return { dateTime: localDateTimeOf(after(now, inSeconds), timeZone), timeZone };
}

/** The body of POST /tasks, sent now. */
export function bodyOf(task: PlannedTask, now: Date): { title: string } & Record<string, unknown> {
  const { title, priority, tags, due, rule } = task;
  const reminders = [
    ...task.remindInSeconds.map((seconds) => ({ at: after(now, seconds).toISOString() })),
    ...task.remindBefore.map((before) => ({ before })),
  ];
  return {
    ...{ title, priority, tags, reminders },
    ...(due && { due: dueOf(due, now) }),
    ...(rule && { recurrence: { rule } }),
  };
}

const soon = (random: Random) => random.integer(1, LONGEST_WAIT_SECONDS);
const steadyZone = (random: Random) => random.pick(Object.keys(STEADY_ZONES));
const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);
