import type { Task } from '../../shared/domain/task.ts';
import type { Sent } from './scripts/model.ts';

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

/** A write of a script, as it was answered in the end, however often it was sent. */
export interface AnsweredWrite {
  sent: Sent;
  /** The version that it was to be made on (`If-Match`); undefined where any would do. */
  ifMatch: number | undefined;
  /** The client's clock (RFC 3339) before it was sent for the first time, and when it was answered. */
  sentAt: string;
  acknowledgedAt: string;
  status: number;
  /** The task in the answer; undefined where there is none. */
  task: Task | undefined;
}

/** A script of which every write was answered, so that what it comes to is known. */
export interface PlayedScript {
  userId: string;
  /** The answer to its creation. */
  created: Task;
  writes: AnsweredWrite[];
}

/** Two answers to one request with one Idempotency-Key: status, entity tag and body, in one string. */
export interface RepeatedAnswer {
  request: string;
  first: string;
  again: string;
}

/** A notification as it was answered when it was marked as read. */
export interface AcknowledgedReading {
  userId: string;
  id: string;
  readAt: string;
}

/** A user's tasks as a client has them that follows the change feed. */
export interface FollowedCopy {
  userId: string;
  /** Where the client began to read, in words. */
  since: string;
  tasks: Task[];
}

/** What the clients of the run remember: everything that the system has promised them. */
export interface Ledger {
  readonly created: AcknowledgedTask[];
  readonly completed: AcknowledgedCompletion[];
  /** Titles of creations of which nobody knows whether they were done. */
  readonly unknownTitles: string[];
  readonly scripts: PlayedScript[];
  readonly repeats: RepeatedAnswer[];
  /** Requests whose client hung up; `done` are those that were done all the same. */
  readonly hungUp: { total: number; done: number };
  readonly readings: AcknowledgedReading[];
  readonly copies: FollowedCopy[];
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
    ...{ scripts: [], repeats: [], readings: [], copies: [], hungUp: { total: 0, done: 0 } },
    counts,
    count(kind, outcome) {
      const row = counts.get(kind) ?? { acknowledged: 0, refused: 0, unknown: 0 };
      row[outcome] += 1;
      counts.set(kind, row);
    },
  };
}
