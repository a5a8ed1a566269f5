import { describe, expect, it, onTestFinished } from 'vitest';
import type { SidecarActivity } from '../activity.ts';
import { createAppChannel } from '../appChannel.ts';
import type { DeliveryPolicy } from '../resources/resiliency.ts';
import { componentSchema } from '../resources/schemas.ts';
import { eventually, PUBSUB, startFixture } from '../testing/fixture.ts';
import { type AppAnswer, startRecordingApp } from '../testing/recordingApp.ts';
import { createCronBinding, startTicking } from './cronBinding.ts';

const NO_POLICY: DeliveryPolicy = { timeoutMs: undefined, backOff: undefined };

function component(metadata: Readonly<Record<string, string>>) {
  return componentSchema({}).parse({
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'scheduler' },
    spec: { type: 'bindings.cron', metadata: Object.entries(metadata).map(([name, value]) => ({ name, value })) },
  });
}

/** A binding that ticks when the test says so, in front of an app. */
async function start(
  metadata: Readonly<Record<string, string>>,
  { policy = NO_POLICY, optionsAnswer = { status: 200 } as AppAnswer } = {},
) {
  const app = await startRecordingApp(0);
  onTestFinished(() => app.close());
  let postAnswer: (earlier: number) => AppAnswer | undefined = () => ({ status: 200 });
  for (const path of ['/scheduler', '/bindings/scheduler']) {
    app.answer(path, ({ method }, earlier) => (method === 'OPTIONS' ? optionsAnswer : postAnswer(earlier)));
  }
  const appChannel = createAppChannel(app.url, 'app-secret');
  const activities: SidecarActivity[] = [];
  const stopping = new AbortController();
  const cutting = new AbortController();
  let tick: (() => void) | undefined;
  const schedule = (onTick: () => void) => {
    tick = onTick;
    return () => {
      tick = undefined;
    };
  };
  const ticking = startTicking({
    binding: { ...createCronBinding(component({ schedule: '@yearly', ...metadata })), schedule },
    policy,
    appChannel,
    stopping: stopping.signal,
    cutting: cutting.signal,
    now: () => new Date('2026-03-01T12:00:00.500Z'),
    onActivity: (activity) => activities.push(activity),
  });
  const stop = async () => {
    stopping.abort();
    cutting.abort();
    await ticking.stopped();
    appChannel.close();
  };
  onTestFinished(stop);
  return {
    app,
    activities,
    stop,
    tick: () => tick?.(),
    isTicking: () => tick !== undefined,
    answerPosts: (answer: typeof postAnswer) => {
      postAnswer = answer;
    },
  };
}

const INPUT = { direction: 'input', route: '/bindings/scheduler' };

describe('a tick', () => {
  it('is a POST without a body to the route, with the headers that daprd sends', async () => {
    const { app, activities, tick } = await start(INPUT);
    tick();
    await eventually(() => expect(activities).toHaveLength(1));
    expect(app.calls()).toMatchObject([
      {
        method: 'POST',
        path: '/bindings/scheduler',
        body: '',
        headers: {
          'content-type': 'application/json',
          'content-length': '0',
          'dapr-api-token': 'app-secret',
          readtimeutc: '2026-03-01 12:00:00.500 +0000 UTC',
          timezone: 'Local',
        },
      },
    ]);
    expect(activities).toMatchObject([
      { kind: 'tick', component: 'scheduler', route: '/bindings/scheduler', status: 200 },
    ]);
  });

  it('that fails is not sent again', async () => {
    const { app, activities, answerPosts, tick } = await start(INPUT);
    answerPosts(() => ({ status: 500 }));
    tick();
    await eventually(() => expect(activities).toHaveLength(1));
    expect(activities).toMatchObject([{ kind: 'tick-failed', component: 'scheduler', reason: 'the app answered 500' }]);
    expect(app.calls()).toHaveLength(1);
  });

  it('that fails is sent again, with the same time, where a policy says so', async () => {
    const policy = { timeoutMs: 50, backOff: () => () => 1 };
    const { app, activities, answerPosts, tick } = await start(INPUT, { policy });
    answerPosts((earlier) => [{ status: 500 }, undefined, { status: 200 }][earlier]);
    tick();
    await eventually(() => expect(activities).toMatchObject([{ kind: 'tick' }]));
    expect(new Set(app.calls().map(({ headers }) => headers.readtimeutc)).size).toBe(1);
    expect(app.calls()).toHaveLength(3);
  });
});

describe('a cron binding', () => {
  it.each([200, 204, 405])(
    'without a direction asks with OPTIONS, and ticks when that is answered with %d',
    async (status) => {
      const { app, isTicking } = await start({}, { optionsAnswer: { status } });
      await eventually(() => expect(isTicking()).toBe(true));
      expect(app.calls().map(({ method }) => method)).toEqual(['OPTIONS']);
    },
  );

  it('without a direction does not tick when the app does not want it, and says so', async () => {
    const { activities, isTicking } = await start({}, { optionsAnswer: { status: 404 } });
    await eventually(() => expect(activities).toMatchObject([{ kind: 'warning' }]));
    expect(isTicking()).toBe(false);
  });

  it('does not tick after it was stopped', async () => {
    const { isTicking, stop } = await start(INPUT);
    await stop();
    expect(isTicking()).toBe(false);
  });

  it('needs a schedule that can be read', () => {
    expect(() => createCronBinding(component({}))).toThrow('the cron binding scheduler has no schedule');
    expect(() => createCronBinding(component({ schedule: 'often' }))).toThrow('often');
  });

  it('takes another schedule from the options by its name, and is passed over when its scopes name other apps', async () => {
    const yaml = (name: string, scope: string) => `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: ${name} }
spec: { type: bindings.cron, version: v1, metadata: [{ name: schedule, value: '@yearly' }, { name: direction, value: input }] }
scopes: [${scope}]
`;
    const files = {
      'pubsub.yaml': PUBSUB,
      'a.yaml': yaml('ours', 'evolution-todo'),
      'b.yaml': yaml('theirs', 'another-app'),
    };
    const { app } = await startFixture(files, { schedules: { ours: '* * * * * *', theirs: '* * * * * *' } });
    await eventually(() => expect(app.calls('/ours').length).toBeGreaterThan(1));
    expect(app.calls('/theirs')).toEqual([]);
  });
});
