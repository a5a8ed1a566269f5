import { afterAll, beforeAll, expect, test } from 'vitest';
import { attributeOf, type Span, startCollector } from '../testing/collector.ts';
import { embeddedWorld } from './embeddedWorld.ts';
import { until } from './look.ts';
import { signIn } from './user.ts';

let collector: Awaited<ReturnType<typeof startCollector>>;
let world: Awaited<ReturnType<typeof embeddedWorld>>;
beforeAll(async () => {
  collector = await startCollector();
  world = await embeddedWorld({
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  });
});
afterAll(async () => {
  await world.close();
  collector.close();
});

test('functions that sleep have sent their spans, joined into one trace, and their metrics', async () => {
  const user = await signIn(world, 'alice');
  const { id } = await user.createTask({ title: 'Buy milk' });
  await until(world, 'the notification', async () => (await user.notifications(id))[0]);
  const spanOf = (service: string): Span | undefined =>
    collector.spans().find(({ resource }) => attributeOf(resource, 'service.name') === service)?.items[0];
  const cause = await until(world, 'the span of the request', () => spanOf('create-task'));
  const effect = await until(world, 'the span of the event', () => spanOf('on-task-created'));
  expect(cause.name).toBe('POST /tasks');
  expect(effect).toMatchObject({
    name: 'process task.created',
    traceId: cause.traceId,
    parentSpanId: cause.spanId,
  });

  const handled = await until(world, 'the metrics of the event', () =>
    collector
      .metrics()
      .flatMap(({ items }) => items)
      .find(({ name }) => name === 'evolution_todo.events.handled'),
  );
  expect(handled).toMatchObject({ sum: { dataPoints: [{ asDouble: 1 }] } });
}, 60_000);
