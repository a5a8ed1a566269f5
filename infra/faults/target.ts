import type { TaskEvent } from '../../shared/events/event.ts';
import type { RealActivity } from '../real/platform.ts';
import type { PartName } from './hits.ts';

/** Runs a statement as the database's owner, past row-level security. */
export type RunSql = <Row = Record<string, unknown>>(text: string, params?: readonly unknown[]) => Promise<Row[]>;

/** An event in the broker: of two events the one with the lower `rank` came first, of two with the same, nobody knows. */
export interface BrokerEvent {
  id: string;
  topic: string;
  rank: number;
}

/** What is left of a run when nothing runs any more. */
export interface Remains {
  sql: RunSql;
  /** Events as the broker took them, in its order, copies included. */
  events: BrokerEvent[];
  /** Whether `events` are all that the broker took; else those that somebody saw. */
  eventsAreComplete: boolean;
  /** Ids of what is in the dead-letter topics. */
  deadLetters: Set<string>;
}

/** A platform that can be hit, and says at the end what came of it. */
export interface Target {
  apiUrl: string;
  token(userId: string): Promise<string>;
  /** Publishes a CloudEvent as it is; rejects where the broker may not have it. */
  publish(topic: string, event: object, key: string): Promise<void>;
  /** The database, while it runs. */
  sql: RunSql;
  /** Number of a part's process, or undefined while there is none; of the functions', those that run. */
  pids(part: PartName): Promise<number[]>;
  /** Takes the embedded sidecar down or, the second time, up. */
  toggleSidecar(): void;
  /** Takes everything away that the scheduler has kept, and lets it begin anew, where it is a part of its own. */
  emptyScheduler(): Promise<void>;
  /** How many events the broker has that their function has not taken; undefined where nobody counts. */
  lag(): Promise<number | undefined>;
  /** Ids of the dead letters known so far. */
  deadLetters(): Promise<Set<string>>;
  /** Ends everything that could still change something. */
  halt(): Promise<Remains>;
  /** Ends what is left, and removes its data unless it is to be kept. */
  close(keepData: boolean): Promise<void>;
  dataDir: string;
}

export interface TargetOptions {
  onProgress: (step: string) => void;
  onActivity: (activity: RealActivity) => void;
}

/** A function that is not used for this long is stopped: so that many start, and stop, in a run. */
export const IDLE_SECONDS = 2;

/** The CloudEvent id of a broker's message; undefined for what is no such event. */
export function eventIdOf(message: string): string | undefined {
  try {
    const { id } = JSON.parse(message) as Partial<TaskEvent> & { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
