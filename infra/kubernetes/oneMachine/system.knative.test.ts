import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isCron } from '../../../shared/runtime/defineFunction.ts';
import { sqlOf } from '../../faults/sql.ts';
import type { RunSql } from '../../faults/target.ts';
import { loadFunctions, schedulesWithoutJobs } from '../../functions.ts';
import { SYSTEM } from '../../generate/knative.ts';
import type { SqlEngine } from '../../local/postgres/engine.ts';
import { openServer } from '../../local/postgres/server.ts';
import type { RealActivity } from '../../real/platform.ts';
import { logStatements, statementsIn } from '../../real/postgres/statements.ts';
import { chapters } from '../../story/chapters.ts';
import { inside } from '../../story/deployedWorld.ts';
import { knativeWorld } from '../../story/knativeWorld.ts';
import { signIn } from '../../story/user.ts';
import { summaryWithout } from '../../testing/storySummary.ts';
import { costOf, describeCost, effectTimes, untilComplete } from './effects.ts';
import { deadLetterPlaces, publishEvents, untilNotified } from './events.ts';
import { describeTimes, eventTimes, requestTimes, tickTimes } from './fromZero.ts';
import { killFunctions, killProgram } from './kills.ts';
import { latenessOf } from './reminders.ts';
import { partsAtRest } from './rest.ts';
import { rollOut } from './rollout.ts';
import { refusalsOf } from './routerLog.ts';
import { runSmoke } from './smoke.ts';
import { insist, startWriters, write } from './writers.ts';

// The system as its overlay deploys it, on a real Knative. There is one cluster for all of it: what a test leaves behind,
// the next one begins with.

const MINUTE_MS = 60_000;
const BURST = 200;
const EVENTS = 300;
const note = (line: string) => process.stderr.write(`… ${line}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

let world: Awaited<ReturnType<typeof knativeWorld>>;
let engine: SqlEngine;
let sql: RunSql;
const definitions = await loadFunctions();
const activities: RealActivity[] = [];

beforeAll(async () => {
  const startedAt = performance.now();
  world = await knativeWorld({ onProgress: note, onActivity: (activity) => activities.push(activity) });
  engine = await openServer(world.platform.machine.databaseUrl.owner, { maxConnections: 2 });
  sql = sqlOf(engine);
  note(`the system is ready on its cluster after ${seconds(performance.now() - startedAt)}`);
});
afterAll(async () => {
  await engine?.close();
  await world?.close();
});

/** Waits until functions have no pod; all of them, where none is named. */
async function atZero(...names: string[]): Promise<void> {
  const { pods } = world.platform;
  const left = () => (names.length > 0 ? names.flatMap((name) => pods.names(name)) : pods.names());
  await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 120_000, interval: 250 });
}

const kubectl = (...args: string[]) => world.platform.cluster.kubectl(...args);
const deadLetters = () => deadLetterPlaces(world.platform.machine.brokers);

it('begins with every function at zero', async () => {
  const services = await kubectl('get', 'ksvc', '-n', SYSTEM, '-o', 'name');
  expect(services.trim().split('\n')).toHaveLength(definitions.length);
  await atZero();
});

describe.concurrent('the story', () => {
  it('as the smoke run tells it, which knows addresses only', async () => {
    const { code, stdout, stderr } = await runSmoke(world);
    for (const line of stdout.split('\n')) note(line);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(summaryWithout(inside));
  });
  it.each(chapters.filter(({ needs }) => needs.includes('emails')))('$title', async ({ run }) => run(world, note));
});

it.each(chapters.filter(({ needs }) => needs.includes('sidecar')))('$title', async ({ run }) => run(world, note));

it('scales out in a burst and in again, and each write has one effect', async () => {
  const { pods } = world.platform;
  await atZero('createTask', 'listTasks');
  pods.peaks();
  const startedAt = performance.now();
  const { token } = await world.user('burst');
  const list = { path: '/tasks', headers: { authorization: `Bearer ${token}` } };
  const burst = Array.from({ length: BURST }, (_, n) => n);
  const [writes, reads] = await Promise.all([
    Promise.all(burst.map((n) => write(world, 'burst', `burst ${n}`))),
    Promise.all(burst.map(() => insist(world, list, 200))),
  ]);
  const answeredMs = performance.now() - startedAt;
  await untilComplete(sql, definitions);
  const peaks = pods.peaks();
  const failures = [...writes, ...reads].flatMap((each) => each.failures);
  note(
    `${BURST} writes and ${BURST} reads at once: answered within ${seconds(answeredMs)}, ${failures.length} tries ` +
      `failed, every effect was there after ${seconds(performance.now() - startedAt)}; pods of ` +
      ['createTask', 'listTasks', 'onTaskCreated'].map((name) => `${name}: ${peaks.get(name)}`).join(', '),
  );
  for (const name of ['createTask', 'listTasks']) expect(peaks.get(name), name).toBeGreaterThan(1);
  await atZero('createTask', 'listTasks', 'onTaskCreated');
});

it('rolls a new revision of everything out in the middle of writes, none of which fails', async () => {
  const revisions = async () =>
    (await kubectl('get', 'revisions', '-n', SYSTEM, '-o', 'name')).trim().split('\n').length;
  const before = await revisions();
  const writers = startWriters(world, 'rollout');
  // Also where something below fails: the next tests are to have the system for themselves.
  onTestFinished(async () => void (await writers.stop()));
  const startedAt = Date.now();
  // The cron that comes hourly in any case comes each minute from now on, so that it is seen as well.
  const schedules = { ...schedulesWithoutJobs(definitions), 'recurring-scheduler': '* * * * *' };
  const release = { schedules, name: '2' };
  await rollOut(release, { ...world.platform, onProgress: note });
  note(`a new revision of everything is ready after ${seconds(Date.now() - startedAt)}`);
  const writes = await writers.stop();
  await untilComplete(sql, definitions);
  note(describeCost(costOf(startedAt, writes, await effectTimes(sql, writes))));
  expect(writes.flatMap(({ failures }) => failures)).toEqual([]);
  expect((await revisions()) - before).toBe(definitions.length);
});

describe('loses no event and no reminder, and doubles no effect when, in the middle of writes, somebody kills', () => {
  const removed = ['--force', '--grace-period=0'];
  const kills: { what: string; kill: () => Promise<unknown> }[] = [
    { what: 'the functions’ processes', kill: () => killFunctions(world.platform.api) },
    {
      what: 'the functions’ pods',
      kill: () => kubectl('-n', SYSTEM, 'delete', 'pods', '-l', 'serving.knative.dev/service', ...removed),
    },
    { what: 'daprd', kill: () => killProgram('daprd') },
    {
      what: 'daprd’s pod',
      kill: () => kubectl('-n', SYSTEM, 'delete', 'pods', '-l', 'app.kubernetes.io/name=daprd', ...removed),
    },
    { what: 'the gateway', kill: () => killProgram('traefik') },
    { what: 'the scheduler', kill: () => killProgram('scheduler') },
    {
      // Here its storage goes with it.
      what: 'the scheduler’s pod',
      kill: () => kubectl('-n', SYSTEM, 'delete', 'pods', '-l', 'app.kubernetes.io/name=scheduler', ...removed),
    },
  ];

  it.each(kills)('$what', async ({ what, kill }) => {
    const dead = await deadLetters();
    const writers = startWriters(world, what);
    onTestFinished(async () => void (await writers.stop()));
    const at = new Date(Date.now() + 12_000).toISOString();
    const { taskId } = await write(world, what, 'Remind me', { reminders: [{ at }] });
    await sleep(5_000);
    await kill();
    const killedAt = Date.now();
    await sleep(10_000);
    const writes = await writers.stop();
    await untilComplete(sql, definitions);
    const cost = costOf(killedAt, writes, await effectTimes(sql, writes));
    const { shown } = await latenessOf(sql, taskId);
    note(`${what}: ${describeCost(cost)}; a reminder that came due meanwhile was ${seconds(shown)} late`);
    expect(cost.nextEffect).toBeLessThan(MINUTE_MS);
    expect(await deadLetters()).toEqual(dead);
  });
});

it('loses no event while the gateway is replaced twice, whatever that answers meanwhile', async () => {
  const dead = await deadLetters();
  const replacing = (async () => {
    for (const _ of [1, 2]) {
      await kubectl('-n', 'traefik', 'delete', 'pods', '-l', 'app=traefik', '--force', '--grace-period=0');
      await kubectl('-n', 'traefik', 'rollout', 'status', 'deployment/traefik', '--timeout=60s');
    }
  })();
  const taskIds = await publishEvents(world, EVENTS);
  await replacing;
  await untilNotified(sql, taskIds);
  const refusals = await refusalsOf(kubectl);
  note(
    `the router answered 503 in place of: ${[...refusals].map(([reason, times]) => `${reason} (${times})`).join(', ')}`,
  );
  expect(await deadLetters()).toEqual(dead);
});

it('ends with every function at zero, all of which were woken', async () => {
  await chapters.at(-1)?.run(world, () => {});
});

it('tells how long each kind of trigger takes from zero, with a reminder that wakes its functions by a job', async () => {
  const { pods } = world.platform;
  const due = timeBetweenTicks();
  const { taskId } = await write(world, 'zero', 'Remind me', { reminders: [{ at: new Date(due).toISOString() }] });
  const requests = await requestTimes(world, 'zero', (name) => pods.names(name).length === 0);
  note(`a request from zero: ${describeTimes([...requests.values()])}`);
  await sleep(due - Date.now() - 1_000);
  expect(['wakeUp', 'onReminderDue'].flatMap((name) => pods.names(name))).toEqual([]);
  await untilNotified(sql, [taskId], 'reminder.due');
  const job = await latenessOf(sql, taskId);
  note(
    `a job from zero: ${seconds(job.taken)} to its function, ${seconds(job.shown)} to what is shown of the reminder`,
  );

  const user = await signIn(world, 'zero');
  await atZero('onTaskCreated', 'onTaskUpdated', 'onTaskCompleted', 'onTaskDeleted');
  const { id } = await user.createTask({ title: 'From zero' });
  await user.updateTask(id, 1, { title: 'Woken' });
  await user.completeTask(id);
  await user.deleteTask(id);
  await untilComplete(sql, definitions);
  const events = await eventTimes(sql, id);
  note(`an event from zero: ${describeTimes([...events.values()])}`);
  const ticks = tickTimes(
    activities,
    definitions.filter(isCron).map(({ name }) => name),
  );
  note(`a tick from zero: ${describeTimes(ticks)}`);
  for (const times of [requests, events]) expect(Math.max(...times.values())).toBeLessThan(15_000);
  expect(job.shown).toBeLessThan(15_000);
  expect(events.size).toBe(4);
  expect(ticks.length).toBeGreaterThan(3);
});

it('lets nothing run at rest with the crons as they are deployed, and tells what is there, and what Postgres is asked for', async () => {
  const { machine, api } = world.platform;
  await rollOut({ schedules: {}, name: '2' }, { ...world.platform, onProgress: note });
  await atZero();
  await logStatements(machine.postgres.superuserUrl);
  const from = nextQuietMinute();
  await sleep(from - Date.now());
  const before = activities.length;
  const parts = await partsAtRest(api);
  for (const { part, processes, bytes } of parts) note(`  ${Math.round(bytes / 2 ** 20)} MiB  ${part} (${processes})`);
  expect(parts.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['daprd', 'router', 'scheduler', 'postgres-bridge']),
  );
  await sleep(from + MINUTE_MS - Date.now());
  expect(activities.slice(before).filter((activity) => 'type' in activity && activity.type === 'woke')).toEqual([]);
  const statements = await statementsIn(machine.postgresLog, from, from + MINUTE_MS);
  note(`${statements.length} statements in that minute`);
  for (const [text, times] of count(statements.map(({ text }) => text.slice(0, 100)))) note(`  ${times} × ${text}`);
});

/** A time that is far enough ahead for functions to be at zero by then, and in which no cron comes before a job's function. */
function timeBetweenTicks(): number {
  const ahead = Date.now() + 35_000;
  const soonest = ahead - (ahead % MINUTE_MS) + 40_000;
  return soonest < ahead ? soonest + MINUTE_MS : soonest;
}

/** The next minute's beginning, unless that is an hour's, at which crons come. */
function nextQuietMinute(): number {
  const next = Date.now() - (Date.now() % MINUTE_MS) + MINUTE_MS;
  return new Date(next).getUTCMinutes() === 0 ? next + MINUTE_MS : next;
}

/** How often each text is there, the most frequent first. */
function count(texts: readonly string[]): [string, number][] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one);
}
