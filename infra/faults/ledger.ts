import type { Task } from '../../shared/domain/task.ts';

/** What became of a request: answered as it should be, refused for a reason that the API has, or not known. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A task as the API acknowledged it. */
export interface AcknowledgedTask {
  userId: string;
  task: Task;
}

/** A completion as the API acknowledged it, and when the client had the answer. */
export interface AcknowledgedCompletion {
  task: Task;
  acknowledgedAt: string;
}

/** A poison event; `certain` when the broker said that it has it. */
export interface PlantedPoison {
  id: string;
  certain: boolean;
}

/** What the clients of the run remember: everything that the system has promised them. */
export interface Ledger {
  readonly created: AcknowledgedTask[];
  readonly completed: AcknowledgedCompletion[];
  /** Titles of creations of which nobody knows whether they were done. */
  readonly unknownTitles: string[];
  readonly poison: PlantedPoison[];
  /** Answers that contradict what was acknowledged before. */
  readonly contradictions: string[];
  /** Copies of events that the broker took, on purpose. */
  readonly copiedEvents: string[];
  /** Requests by kind and outcome. */
  readonly counts: Map<string, Record<Outcome, number>>;
  count(kind: string, outcome: Outcome): void;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const counts: Ledger['counts'] = new Map();
  return {
    ...{ created: [], completed: [], unknownTitles: [], poison: [], contradictions: [], copiedEvents: [] },
    counts,
    count(kind, outcome) {
      const row = counts.get(kind) ?? { acknowledged: 0, refused: 0, unknown: 0 };
      row[outcome] += 1;
      counts.set(kind, row);
    },
  };
}
