/** The event that an activity is about, as far as the sidecar could read it. */
export interface EventReference {
  pubsubName: string;
  topic: string;
  partition: number;
  offset: number;
  /** The partition key, when the publisher gave one. */
  key: string | undefined;
  /** The CloudEvent's `id`, when it has one. */
  eventId: string | undefined;
  /** The CloudEvent's `type`, when it has one. */
  eventType: string | undefined;
}

/** What the sidecar tells about its work, one object per happening; times are in milliseconds. */
export type SidecarActivity =
  | { kind: 'app-found'; appChannel: string }
  | { kind: 'published'; event: EventReference }
  | { kind: 'delivered'; event: EventReference; route: string; attempt: number; durationMs: number }
  | { kind: 'retrying'; event: EventReference; route: string; attempt: number; reason: string; inMs: number }
  | { kind: 'dead-lettered'; event: EventReference; deadLetterTopic: string; reason: string }
  | { kind: 'dropped'; event: EventReference; reason: string }
  | { kind: 'tick'; component: string; route: string; status: number; durationMs: number }
  | { kind: 'tick-failed'; component: string; route: string; reason: string; durationMs: number }
  | { kind: 'job'; job: string; status: number; durationMs: number }
  | { kind: 'job-failed'; job: string; reason: string; durationMs: number }
  | { kind: 'warning'; message: string };

/** Receives every activity as it happens; must not throw. */
export type OnActivity = (activity: SidecarActivity) => void;
