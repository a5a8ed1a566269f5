import { offsetAt } from './zoneOffset.ts';

const SECOND_MS = 1000;
/** Short enough that no zone changes its offset and takes that back in between, since 1970. */
const STEP_MS = 4 * 24 * 60 * 60 * 1000;

/** A change of a zone's offset from UTC: when it is, and the offsets before and after it, all in milliseconds. */
export interface Transition {
  at: number;
  before: number;
  after: number;
}

/** The changes of a zone's offset from an instant on until before another, in order, as the platform knows them. */
export function transitionsBetween(timeZone: string, from: Date, to: Date): Transition[] {
  const transitions: Transition[] = [];
  const end = to.getTime() - SECOND_MS;
  for (let start = from.getTime() - SECOND_MS; start < end; start += STEP_MS) {
    const stop = Math.min(start + STEP_MS, end);
    const [before, after] = [offsetAt(start, timeZone), offsetAt(stop, timeZone)];
    if (before !== after) transitions.push({ at: firstWith(after, timeZone, start, stop), before, after });
  }
  return transitions;
}

/** The first whole second behind `before` at which an offset holds that holds at `at`, and not at `before`. */
function firstWith(offset: number, timeZone: string, before: number, at: number): number {
  let [earlier, later] = [before, at];
  while (later - earlier > SECOND_MS) {
    const middle = Math.floor((earlier + later) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetAt(middle, timeZone) === offset) later = middle;
    else earlier = middle;
  }
  return later;
}
