import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { AppAnswer, ReceivedCall } from '../local/sidecar/testing/recordingApp.ts';
import { type Bench, eventually } from './bench.ts';
import { type Component, type Subscription, subscriptionFile } from './resources.ts';

/** A topic as a test wants it. */
export interface TopicDeclaration {
  /** Decides what becomes of an event that fails; left out: `retried`. */
  component?: Component;
  /** Does its subscription name a dead-letter topic? A raw one is read as bytes, a missing one does not exist. */
  deadLetters?: boolean | 'raw' | 'missing';
  rules?: Subscription['routes']['rules'];
  metadata?: Subscription['metadata'];
}

/** How an event is published. */
export interface PublishOptions {
  key?: string | undefined;
  contentType?: string;
  headers?: Record<string, string>;
  /** More of the query, without a question mark. */
  query?: string;
}

/** A call by which the app was given an event. */
export interface Delivery extends ReceivedCall {
  /** The CloudEvent; one that came as bytes in another is taken out of it. */
  event: Readonly<Record<string, unknown>>;
}

/** What the app answers to an event; `earlier` counts the deliveries that it had before. Undefined: nothing, ever. */
export type Script = (delivery: Delivery, earlier: number) => AppAnswer | undefined | Promise<AppAnswer | undefined>;

/** What became of an event: how often the app was given it, and how often it came into the dead-letter topic. */
export interface Outcome {
  deliveries: number;
  deadLetters: number;
}

/** A topic with a subscription. */
export interface Topic {
  name: string;
  component: Component;
  /** Where its events are delivered. */
  route: string;
  /** Where those of its dead-letter topic are. */
  deadLetterRoute: string;
  /** Of itself and its dead-letter topic, those that are to be made. */
  existing: string[];
  files: Readonly<Record<string, string>>;
  /** Publishes a body: what is not a string as JSON, under the type of a CloudEvent where nothing else is said. */
  publish(body: unknown, options?: PublishOptions): Promise<Response>;
  /** Sets the answers to the event of an id; all others are taken. */
  script(id: string, script: Script): void;
  /** What the app was given of the events of an id or of a key, oldest first. */
  deliveries(idOrKey: string): Delivery[];
  deadLetters(idOrKey: string): Delivery[];
  /** Resolves to the first of the deliveries. */
  delivered(idOrKey: string): Promise<Delivery>;
  deadLettered(idOrKey: string): Promise<Delivery>;
  /** Publishes an event that is answered so, and tells what became of it when it was done with. */
  outcomeOf(script: Script): Promise<Outcome>;
  /** Resolves when everything of a key that is in the topic, and then in its dead-letter topic, is done with. */
  settled(key: string): Promise<void>;
  /** Publishes into the topic and into its dead-letter topic, and waits until that is delivered. */
  warmUp(): Promise<void>;
}

/** A complete CloudEvent. */
export function cloudEvent(id: string, attributes: Record<string, unknown> = {}) {
  return { id, source: '/conformance', type: 'task.created', specversion: '1.0', data: { n: 1 }, ...attributes };
}

const RAW = { metadata: { rawPayload: 'true' } };

/** Declares a topic; `Bench.topic` is the way to one. */
export function declareTopic(bench: Bench, name: string, declaration: TopicDeclaration): Topic {
  const { component = 'retried', deadLetters = false, rules, metadata } = declaration;
  const route = `/events/${name}`;
  const dead = deadLetters && `${name}.dead`;
  const deadLetterRoute = `/dead/${name}`;
  const keeps = deadLetters !== 'missing';
  const scripts = new Map<string, Script>();
  /** Ids of what the bench itself sends, which no test is to see. */
  const markers = new Set<string>();
  const subscriptions: Subscription[] = [
    {
      pubsubname: component,
      topic: name,
      routes: { default: route, ...(rules && { rules }) },
      ...(dead && { deadLetterTopic: dead }),
      ...(metadata && { metadata }),
    },
    ...(dead && keeps
      ? [
          {
            pubsubname: component,
            topic: dead,
            routes: { default: deadLetterRoute },
            ...(deadLetters === 'raw' && RAW),
          },
        ]
      : []),
  ];

  function publishTo(topic: string, body: unknown, options: PublishOptions = {}): Promise<Response> {
    const { key, contentType = 'application/cloudevents+json', headers, query } = options;
    const metadataOfKey = key === undefined ? undefined : `metadata.partitionKey=${encodeURIComponent(key)}`;
    const parameters = [metadataOfKey, query].filter(Boolean).join('&');
    return bench.request(`/v1.0/publish/${component}/${topic}?${parameters}`, {
      method: 'POST',
      headers: { 'content-type': contentType, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async function accepted(publishing: Promise<Response>): Promise<void> {
    const answer = await publishing;
    if (answer.status !== 204) throw new Error(`publishing to ${name}: ${answer.status} ${await answer.text()}`);
  }

  const arrivals = (path: string) => bench.calls(path).map((call): Delivery => ({ ...call, event: eventOf(call) }));
  const at = (path: string) => (idOrKey: string) =>
    arrivals(path).filter(
      ({ event, headers }) => (event.id === idOrKey || headers.__key === idOrKey) && !markers.has(String(event.id)),
    );
  const deliveries = at(route);
  const deadLettersOf = at(deadLetterRoute);

  bench.answer(route, (call) => {
    const event = eventOf(call);
    const script = scripts.get(String(event.id));
    return script ? script({ ...call, event }, deliveries(String(event.id)).length - 1) : { status: 200 };
  });

  /** Sends a marker behind what a partition holds, and waits until it has arrived. */
  async function through(topic: string, path: string, key: string): Promise<void> {
    const id = randomUUID();
    markers.add(id);
    await accepted(publishTo(topic, cloudEvent(id), { key }));
    await eventually(() => expect(arrivals(path).map(({ event }) => event.id)).toContain(id));
  }

  async function settled(key: string): Promise<void> {
    await through(name, route, key);
    if (dead && keeps) await through(dead, deadLetterRoute, key);
  }

  return {
    name,
    component,
    route,
    deadLetterRoute,
    existing: [name, ...(dead && keeps ? [dead] : [])],
    files: Object.fromEntries(subscriptions.map((spec) => [`${spec.topic}.yaml`, subscriptionFile(spec)])),
    publish: (body, options) => publishTo(name, body, options),
    script: (id, script) => void scripts.set(id, script),
    deliveries,
    deadLetters: deadLettersOf,
    delivered: (idOrKey) => firstOf(() => deliveries(idOrKey)),
    deadLettered: (idOrKey) => firstOf(() => deadLettersOf(idOrKey)),
    async outcomeOf(script) {
      const id = randomUUID();
      scripts.set(id, script);
      await accepted(publishTo(name, cloudEvent(id), { key: id }));
      await settled(id);
      return { deliveries: deliveries(id).length, deadLetters: deadLettersOf(id).length };
    },
    settled,
    warmUp: async () => {
      // A topic that was made just now may still be refused.
      await eventually(() => through(name, route, randomUUID()));
      await settled(randomUUID());
    },
  };
}

/** Waits for the first of some deliveries. */
function firstOf(deliveries: () => readonly Delivery[]): Promise<Delivery> {
  return eventually(() => {
    const [first] = deliveries();
    if (!first) throw new Error('nothing was delivered');
    return first;
  });
}

function eventOf({ body }: ReceivedCall): Delivery['event'] {
  const event = parse(body) ?? {};
  return (typeof event.data_base64 === 'string' && parse(Buffer.from(event.data_base64, 'base64').toString())) || event;
}

function parse(text: string): Delivery['event'] | undefined {
  try {
    return JSON.parse(text) as Delivery['event'];
  } catch {
    return undefined;
  }
}
