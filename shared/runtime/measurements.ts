/**
 * Everything that is measured beside spans. Names and units follow OpenTelemetry's conventions; Prometheus shows
 * `evolution_todo.events.published` as `evolution_todo_events_published_total`, and seconds as `…_seconds`.
 */
export const measurements = {
  'http.server.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of HTTP requests.',
    // As OpenTelemetry's semantic conventions for HTTP advise.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  'evolution_todo.events.published': { kind: 'counter', unit: '{event}', description: 'Events that the broker took.' },
  'evolution_todo.events.unpublished': {
    kind: 'counter',
    unit: '{event}',
    description: 'Tries of publishing an event that failed; the event stays in the outbox.',
  },
  'evolution_todo.events.handled': {
    kind: 'counter',
    unit: '{event}',
    description: 'Deliveries of events by outcome; what "failed" is delivered again.',
  },
  'evolution_todo.dead_letters': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages that came to a dead-letter topic.',
  },
  'evolution_todo.outbox.depth': { kind: 'gauge', unit: '{event}', description: 'Events waiting to be published.' },
  'evolution_todo.outbox.age': { kind: 'gauge', unit: 's', description: 'Age of the oldest event in the outbox.' },
  'evolution_todo.deliveries': {
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts to send by webhook or e-mail, by outcome; what is "retrying" is tried again.',
  },
  'evolution_todo.reminders.lateness': {
    kind: 'histogram',
    unit: 's',
    description: 'How long after its time a reminder reached its user.',
    // From what a warm system takes to what an outage costs.
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
  },
} as const satisfies Record<string, Instrument>;

interface Instrument {
  kind: 'counter' | 'gauge' | 'histogram';
  unit: string;
  description: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  buckets?: readonly number[];
}

/** The attributes that tell the values of each measurement apart. */
export interface Measurements {
  'http.server.request.duration': {
    'http.request.method': string;
    'http.route': string;
    'http.response.status_code': number;
  };
  'evolution_todo.events.published': { 'event.type': string };
  'evolution_todo.events.unpublished': { 'event.type': string };
  'evolution_todo.events.handled': { 'event.type': string; outcome: 'handled' | 'duplicate' | 'failed' | 'dropped' };
  'evolution_todo.dead_letters': { topic: string };
  'evolution_todo.outbox.depth': Record<never, never>;
  'evolution_todo.outbox.age': Record<never, never>;
  'evolution_todo.deliveries': { channel: string; outcome: string };
  'evolution_todo.reminders.lateness': Record<never, never>;
}
