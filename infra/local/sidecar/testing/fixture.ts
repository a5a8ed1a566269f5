import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { SidecarActivity } from '../activity.ts';
import { type Sidecar, type SidecarOptions, startSidecar } from '../sidecar.ts';
import { APP_ID } from './appId.ts';
import { type RecordingApp, startRecordingApp } from './recordingApp.ts';

/** A pub/sub component that delivers a failed message again after a few milliseconds instead of seconds. */
export const PUBSUB = `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: taskevents }
spec:
  type: pubsub.kafka
  version: v1
  metadata: [{ name: backOffDuration, value: 20ms }]
`;

/** Three further tries, 10 ms apart, each given up after five seconds. */
export const RESILIENCY = `
apiVersion: dapr.io/v1alpha1
kind: Resiliency
metadata: { name: resiliency }
spec:
  policies:
    retries: { events: { policy: constant, duration: 10ms, maxRetries: 3 } }
    timeouts: { events: 5s }
  targets:
    components: { taskevents: { inbound: { retry: events, timeout: events } } }
`;

/** The YAML of a subscription; its route is `/events/<topic>`. */
export function subscriptionYaml(topic: string, spec = ''): string {
  return `
apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata: { name: on-${topic} }
spec:
  pubsubname: taskevents
  topic: ${topic}
  routes: { default: /events/${topic} }
  ${spec}
`;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with resource files, by file name. */
export async function resourceFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Waits until the assertion holds; long enough for a busy machine, since only a failing test waits that long. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 10 });
}

/** A sidecar with an app behind it, both stopped after the test. */
export interface Fixture {
  app: RecordingApp;
  sidecar: Sidecar;
  activities: SidecarActivity[];
  /** Activities of one kind, in their order. */
  ofKind<Kind extends SidecarActivity['kind']>(kind: Kind): Extract<SidecarActivity, { kind: Kind }>[];
  publish(topic: string, body: unknown, options?: PublishOptions): Promise<Response>;
}

/** How to publish; a complete CloudEvent without a key when nothing is said. */
export interface PublishOptions {
  key?: string;
  contentType?: string;
  headers?: Record<string, string>;
  query?: string;
}

/** Starts an app and a sidecar with these resource files, and waits until deliveries have begun. */
export async function startFixture(
  files: Readonly<Record<string, string>>,
  options: Partial<SidecarOptions> = {},
): Promise<Fixture> {
  const app = await startRecordingApp(0);
  onTestFinished(() => app.close());
  const activities: SidecarActivity[] = [];
  const sidecar = await startSidecar({
    resourcesPath: await resourceFolder(files),
    appId: APP_ID,
    port: 0,
    appChannel: app.url,
    dataDir: await temporaryFolder(),
    onActivity: (activity) => activities.push(activity),
    ...options,
  });
  onTestFinished(() => sidecar.close());
  await eventually(async () => {
    const health = await fetch(`${sidecar.url}/v1.0/healthz`);
    if (health.status !== 204) throw new Error('the sidecar is not ready');
  });
  return {
    app,
    sidecar,
    activities,
    ofKind: (kind) => activities.filter((activity) => activity.kind === kind) as never,
    publish: (topic, body, publishOptions) => publishTo(sidecar.url, topic, body, publishOptions),
  };
}

/** Publishes over plain HTTP; what is not a string is sent as JSON. */
export function publishTo(url: string, topic: string, body: unknown, options: PublishOptions = {}): Promise<Response> {
  const { key, contentType = 'application/cloudevents+json', headers, query = '' } = options;
  const metadata = key === undefined ? '' : `metadata.partitionKey=${encodeURIComponent(key)}`;
  return fetch(`${url}/v1.0/publish/taskevents/${topic}?${[metadata, query].filter(Boolean).join('&')}`, {
    method: 'POST',
    headers: { 'content-type': contentType, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A complete CloudEvent. */
export function cloudEvent(id: string, attributes: Record<string, unknown> = {}) {
  return { id, source: '/test', type: 'task.created', specversion: '1.0', data: { n: 1 }, ...attributes };
}
