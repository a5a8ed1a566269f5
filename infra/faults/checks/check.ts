import type { EventType } from '../../../shared/events/catalogue.ts';
import type { Ledger } from '../ledger.ts';
import type { Remains } from '../target.ts';

/** All that is known at the end of a run: what was promised, and what is there. */
export interface Evidence extends Remains {
  ledger: Ledger;
  /** Which function takes the events of which type. */
  subscribers: readonly { type: EventType; function: string }[];
}

/** What a check found. */
export interface Verdict {
  /** What the system promises, as a sentence. */
  promise: string;
  /** How many things were looked at. */
  looked: number;
  /** What breaks the promise, each in words. */
  violations: string[];
}

/** One promise of the system, as a question to what is left of a run. */
export interface Check {
  promise: string;
  run(evidence: Evidence): Promise<Omit<Verdict, 'promise'>>;
}

export interface SqlCheck {
  promise: string;
  /** Selects one text column, `violation`. */
  violations: string;
  /** Selects one column, `looked`, of one row. */
  looked: string;
  /** The statements' one parameter, `$1`; each takes it as JSON. Left out, they have none. */
  given?: (evidence: Evidence) => unknown;
}

/** A check that is a pair of statements: what they look at, and what they find wrong. */
export function sqlCheck({ promise, violations, looked, given }: SqlCheck): Check {
  return {
    promise,
    async run(evidence) {
      const params = given ? [JSON.stringify(given(evidence))] : [];
      const found = await evidence.sql<{ violation: string }>(violations, params);
      const [counted] = await evidence.sql<{ looked: string }>(looked, /\$1/.test(looked) ? params : []);
      return { looked: Number(counted?.looked ?? 0), violations: found.map(({ violation }) => violation) };
    },
  };
}

/** Ids of the tasks of scripts, for checks of what was written once: those of scripts go by the model of their writes. */
export function scriptedTasks({ ledger }: Evidence): string[] {
  return ledger.scripts.map(({ created }) => created.id);
}
