import type { RealActivity } from '../real/platform.ts';
import type { Window } from './window.ts';

/** What the system can run on. */
export const platforms = ['embedded', 'real', 'knative'] as const;
export type PlatformName = (typeof platforms)[number];

/** What wakes functions when something comes due: jobs, or crons alone, each minute. */
export type WakeUps = 'jobs' | 'cron';

/** Somebody asked Postgres for something: a statement, or a transaction of several. */
export interface DatabaseRequest {
  /** Milliseconds since 1970. */
  at: number;
  /** Who did. Probes of the health of the bridge are told apart: Neon has no bridge, and so none of them. */
  by: 'functions' | 'sidecar' | 'health probe';
}

/** The memory of one of the parts that stay up, in megabytes: what its processes share counts once. */
export interface PartMemory {
  part: string;
  mb: number;
  /** Neon takes its place: it is there only where Postgres is one's own. */
  isDatabase: boolean;
}

/** The system with new data, which nobody uses. */
export interface RestingSystem {
  /** What wakes its functions. */
  wakeUps: WakeUps;
  databaseRequests(window: Window): Promise<DatabaseRequest[]>;
  memory(): Promise<PartMemory[]>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

export interface RestingSystemOptions {
  /** Left out, what the platform has by itself. */
  wakeUps: WakeUps | undefined;
  /** Replaces the schedule of a cron binding, by its name, for tests. */
  schedules?: Readonly<Record<string, string>> | undefined;
  /** A function that is not used for so long sleeps, for tests; left out, its Knative Service says. */
  idleSeconds?: number | undefined;
  onProgress: (step: string) => void;
  /** Takes what happens; it must not throw. */
  onActivity: (activity: RealActivity) => void;
}
