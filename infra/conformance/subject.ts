/** What a sidecar is started with. */
export interface Setup {
  /** Names its folders. */
  name: string;
  /** Dapr's resource files, by file name. */
  resources: Readonly<Record<string, string>>;
  /** The topics that exist, dead-letter topics included. */
  topics: readonly string[];
  /** Whether it has a Postgres, of its own, to keep state in. */
  database: boolean;
  /** Whether it has a scheduler, of its own, to keep jobs with. */
  jobs: boolean;
  /** On loopback, where the app listens now or later. */
  appPort: number;
  /** What its callers must send; undefined: nothing. */
  apiToken: string | undefined;
  /** What it sends to the app; undefined: nothing. */
  appToken: string | undefined;
}

/** A sidecar in a process of its own, known by its HTTP API and by what it sends to the app, and by nothing else. */
export interface Subject {
  /** Of its API; stays the same when it is started again. */
  url: string;
  /** Starts it, again on the data that it left; resolves when its API answers. */
  start(): Promise<void>;
  /** Asks it to end (SIGTERM); resolves when it has. */
  stop(): Promise<void>;
  /** Kills it (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
}

/** One of the sidecars that must behave alike. */
export interface Implementation {
  /** Makes a subject, which does not run yet, with data of its own. */
  prepare(setup: Setup): Promise<Subject>;
  /** How long at least, in milliseconds, what a killed subject was at rests: what remains of its session with Kafka. */
  restAfterKillMs: number;
  /** Whether recipients of one e-mail also get those that follow through the same component. */
  keepsEmailMetadata: boolean;
  /** Kills the subjects and removes what they left. */
  close(): Promise<void>;
}

/** The partitions of every topic: several, so that what holds only within one shows. */
export const PARTITIONS = 3;
