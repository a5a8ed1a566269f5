import type { RealActivity } from '../real/platform.ts';
import type { Window } from './window.ts';

/** The life of a function's process, or of the pods that it has one after the other without a gap. */
export interface FunctionLife extends Window {
  function: string;
}

/** What functions live, as their platform tells of it. */
export interface FunctionLives {
  add(activity: RealActivity): void;
  /** Names of the functions that run now. */
  running(): string[];
  /** The lives that began before `to` and had not ended at `from`; of one that goes on, the end is `to`. */
  within(window: Window): FunctionLife[];
}

/** Notes when functions are woken and when they are gone again. `clock` tells milliseconds since 1970. */
export function recordFunctionLives(clock: () => number = Date.now): FunctionLives {
  const ended: FunctionLife[] = [];
  const begun = new Map<string, number>();

  function end(name: string): void {
    const from = begun.get(name);
    if (from === undefined) return;
    begun.delete(name);
    ended.push({ function: name, from, to: clock() });
  }

  return {
    add(activity) {
      if (!('type' in activity)) return;
      switch (activity.type) {
        case 'waking':
        case 'woke':
          if (!begun.has(activity.function)) begun.set(activity.function, clock());
          return;
        case 'slept':
        case 'crashed':
        case 'start-failed':
          end(activity.function);
      }
    },
    running: () => [...begun.keys()],
    within({ from, to }) {
      const alive = [...begun].map(([name, since]) => ({ function: name, from: since, to }));
      return [...ended, ...alive].filter((life) => life.from < to && life.to > from);
    },
  };
}
