import { describe, expect, it } from 'vitest';
import type { Answering } from '../../local/sidecar/testing/recordingApp.ts';
import type { Bench } from '../bench.ts';
import { BUSY_MS, expectAbout, gaps, jobsOf, LATENESS_MS } from './jobsClient.ts';

/** The scheduler's words differ from release to release; status and code are what callers go by. */
const refused = (status: number, errorCode: string) => ({ status, body: expect.objectContaining({ errorCode }) });
const NOT_SET = 'DAPR_SCHEDULER_SCHEDULE_JOB';

/** Jobs: set, replaced, read and deleted over HTTP, and brought to the app when they are due. */
export function describeJobs(bench: Bench): void {
  const jobs = jobsOf(bench);

  describe('a job', () => {
    it('comes once, when its duration is over, as a POST with the app token and its data as the body', async () => {
      const name = jobs.newName();
      const since = await jobs.set(name, { dueTime: '600ms', data: { b: [1, '<ä>'], a: null } });
      const [call] = await jobs.came(name, 1);
      const time = (call?.at ?? 0) - since;
      expect(time).toBeGreaterThanOrEqual(600);
      expect(time).toBeLessThan(600 + BUSY_MS);
      expect(call).toMatchObject({
        method: 'POST',
        body: '{"a":null,"b":[1,"<ä>"]}',
        headers: { 'content-type': 'application/json', 'dapr-api-token': 'app-secret' },
      });
      expect(call?.headers).not.toHaveProperty('traceparent');
      await jobs.over(name);
      expect(jobs.calls(name)).toHaveLength(1);
    });

    it('comes at a moment, never before it', async () => {
      const name = jobs.newName();
      const due = Date.now() + 700;
      await jobs.set(name, { dueTime: new Date(due).toISOString() });
      await jobs.came(name, 1);
      expect(Date.now()).toBeGreaterThanOrEqual(due);
      expect(Date.now()).toBeLessThan(due + BUSY_MS);
    });

    it.each([['2020-01-01T00:00:00Z'], ['-5s'], ['0s'], ['2026-01-01T00:00:00.25+02:00']])(
      'that was due at %s comes at once',
      async (dueTime) => {
        const name = jobs.newName();
        const since = await jobs.set(name, { dueTime });
        const [call] = await jobs.came(name, 1);
        expect((call?.at ?? Infinity) - since).toBeLessThan(BUSY_MS);
      },
    );

    it.each([
      ['null', null],
      ['a text', 'text'],
      ['a number', 1.5],
      ['false', false],
      ['a list', [1, [2], {}]],
    ])('brings %s as JSON', async (_what, data) => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '0s', data });
      const [call] = await jobs.came(name, 1);
      expect(call?.body).toBe(JSON.stringify(data));
    });

    it('without data is taken, and never comes', async () => {
      const name = jobs.newName();
      expect((await jobs.send('POST', name, { dueTime: '0s', failurePolicy: { drop: {} } })).status).toBe(204);
      await jobs.over(name);
      expect(jobs.calls(name)).toEqual([]);
    });

    it('is told as it was set', async () => {
      const name = jobs.newName();
      const given = { schedule: '@every 1h', repeats: 7, dueTime: '90m', ttl: '5h' };
      await jobs.set(name, { ...given, data: { x: [1, 2] } });
      expect(await jobs.get(name)).toEqual({
        status: 200,
        body: {
          name,
          ...given,
          data: { '@type': 'type.googleapis.com/google.protobuf.Value', value: { x: [1, 2] } },
          failurePolicy: { constant: { interval: '1s', maxRetries: 3 } },
        },
      });
    });

    it.each([
      [{ drop: {} }, { drop: {} }],
      [{ constant: { interval: '1.5s', maxRetries: 2 } }, { constant: { interval: '1.500s', maxRetries: 2 } }],
      [{ constant: {} }, { constant: {} }],
      [{}, { constant: { interval: '1s', maxRetries: 3 } }],
      [{ exponential: {} }, { constant: { interval: '1s', maxRetries: 3 } }],
    ])('with the failure policy %j has %j', async (failurePolicy, told) => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '1h', failurePolicy });
      expect((await jobs.get(name)).body.failurePolicy).toEqual(told);
    });

    it('can be set by the alpha API too, with names as Protobuf has them, and others beside them', async () => {
      const name = jobs.newName();
      const body = JSON.stringify({ due_time: '1h', data: 1, unknown: true });
      const response = await bench.request(`/v1.0-alpha1/jobs/${name}`, { method: 'POST', body });
      expect(response.status).toBe(204);
      expect((await jobs.get(name)).body).toMatchObject({ dueTime: '1h' });
    });
  });

  describe('a name that is taken', () => {
    it('is refused with 409, and the job stays', async () => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '1h' });
      expect(await jobs.send('POST', name, { dueTime: '2h' })).toEqual(refused(409, NOT_SET));
      expect((await jobs.get(name)).body).toMatchObject({ dueTime: '1h' });
    });

    it('takes the new job with overwrite, and the old one does not come', async () => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '1h', data: 'old' });
      await jobs.set(name, { dueTime: '100ms', data: 'new', overwrite: true });
      await jobs.came(name, 1);
      await jobs.over(name);
      expect(jobs.calls(name).map(({ body }) => body)).toEqual(['"new"']);
    });

    it('is free again once its job is over', async () => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '0s' });
      await jobs.came(name, 1);
      await jobs.over(name);
      await jobs.set(name, { dueTime: '0s' });
      await jobs.came(name, 2);
    });

    it('is taken while its job is with the app; one that overwrites comes behind it', async () => {
      const name = jobs.newName();
      let finish = () => {};
      await jobs.set(name, { dueTime: '0s', data: 'old' }, async ({ body }) => {
        if (body === '"old"')
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
        return { status: 500 };
      });
      await jobs.came(name, 1);
      expect(await jobs.send('POST', name, { dueTime: '0s', data: 'other' })).toEqual(refused(409, NOT_SET));
      await jobs.set(name, { dueTime: '0s', data: 'new', overwrite: true, failurePolicy: { drop: {} } });
      await new Promise((resolve) => setTimeout(resolve, LATENESS_MS));
      expect(jobs.calls(name)).toHaveLength(1);
      finish();
      await jobs.came(name, 2);
      await jobs.over(name);
      // That the old one failed makes it come no more.
      expect(jobs.calls(name).map(({ body }) => body)).toEqual(['"old"', '"new"']);
    });
  });

  describe('a job that is deleted', () => {
    it('does not come, and can be deleted again', async () => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '300ms' });
      expect((await jobs.delete(name)).status).toBe(204);
      expect((await jobs.delete(name)).status).toBe(204);
      expect(await jobs.get(name)).toEqual(refused(500, 'DAPR_SCHEDULER_GET_JOB'));
      await new Promise((resolve) => setTimeout(resolve, 300 + LATENESS_MS));
      expect(jobs.calls(name)).toEqual([]);
    });

    it('comes no more after a failure', async () => {
      const name = jobs.newName();
      const failurePolicy = { constant: { interval: '0.3s', maxRetries: 100 } };
      await jobs.set(name, { dueTime: '0s', failurePolicy }, () => ({ status: 500 }));
      await jobs.came(name, 2);
      await jobs.delete(name);
      const came = jobs.calls(name).length;
      await new Promise((resolve) => setTimeout(resolve, 2 * LATENESS_MS));
      expect(jobs.calls(name).length).toBe(came);
    });
  });

  describe('a job that repeats', () => {
    it.each([
      ['every second, so often', { schedule: '@every 1s', repeats: 3 }, [1_000, 1_000, 1_000]],
      ['from its due time on', { schedule: '@every 1s', dueTime: '300ms', repeats: 3 }, [300, 1_000, 1_000]],
      ['in less than a second', { schedule: '@every 300ms', repeats: 3 }, [300, 300, 300]],
      ['until its time to live is over', { schedule: '@every 1s', ttl: '2500ms' }, [1_000, 1_000]],
      [
        'until then counted from its due time',
        { schedule: '@every 1s', dueTime: '500ms', ttl: '1500ms' },
        [500, 1_000],
      ],
      ['at once for what is past', { schedule: '@every 1h', dueTime: '-150m', repeats: 3 }, [0, 0, 0]],
      ['once, where it says so and has no schedule', { dueTime: '200ms', repeats: 1 }, [200]],
    ])('comes %s', async (_how, job, wanted) => {
      const name = jobs.newName();
      const since = await jobs.set(name, job);
      await jobs.came(name, wanted.length);
      await jobs.over(name);
      expectAbout(gaps(since, jobs.calls(name)), wanted);
    });

    it('comes at full seconds of its six fields', async () => {
      const name = jobs.newName();
      await jobs.set(name, { schedule: '* * * * * *', repeats: 2 });
      await jobs.came(name, 2);
      await jobs.over(name);
      const [, between] = gaps(0, jobs.calls(name));
      expectAbout([between ?? 0], [1_000]);
    });

    it('waits for the app, and then makes up for it', async () => {
      const name = jobs.newName();
      const slow: Answering = async (_call, earlier) => {
        if (earlier === 0) await new Promise((resolve) => setTimeout(resolve, 1_500));
        return { status: 200 };
      };
      const since = await jobs.set(name, { schedule: '@every 500ms', repeats: 4 }, slow);
      await jobs.came(name, 4);
      expectAbout(gaps(since, jobs.calls(name)), [500, 1_500, 0, 0]);
    });

    it('goes on after a time that failed for good, by its schedule', async () => {
      const name = jobs.newName();
      const failurePolicy = { constant: { interval: '0.3s', maxRetries: 1 } };
      const since = await jobs.set(name, { schedule: '@every 1s', repeats: 2, failurePolicy }, () => ({ status: 500 }));
      await jobs.came(name, 4);
      await jobs.over(name);
      expectAbout(gaps(since, jobs.calls(name)), [1_000, 300, 700, 300]);
    });
  });

  describe('what the app answers', () => {
    it.each([200, 201, 204, 404])('%i ends the job', async (status) => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '0s' }, () => ({ status, body: '{"status":"RETRY"}' }));
      await jobs.came(name, 1);
      await jobs.over(name);
      expect(jobs.calls(name)).toHaveLength(1);
    });

    it.each([301, 400, 401, 409, 429, 500, 503])('%i is a failure, and tried three times more', async (status) => {
      const name = jobs.newName();
      const failurePolicy = { constant: { interval: '0.2s', maxRetries: 3 } };
      const since = await jobs.set(name, { dueTime: '0s', failurePolicy }, () => ({
        status,
        headers: { location: '/elsewhere' },
      }));
      await jobs.came(name, 4);
      await jobs.over(name);
      expectAbout(gaps(since, jobs.calls(name)), [0, 200, 200, 200]);
    });

    it('nothing, with the connection broken off, is a failure too', async () => {
      const name = jobs.newName();
      const breaksOff: Answering = (_call, earlier) =>
        earlier === 0 ? { status: 200, breaksOff: 'before' } : { status: 200 };
      await jobs.set(name, { dueTime: '0s' }, breaksOff);
      await jobs.came(name, 2);
      await jobs.over(name);
    });

    it('is waited for as long as it takes', async () => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '0s', failurePolicy: { drop: {} } }, () => undefined);
      await jobs.came(name, 1);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(jobs.calls(name)).toHaveLength(1);
      expect((await jobs.get(name)).status).toBe(200);
    });
  });

  describe('after a failure', () => {
    it('a job is tried three times more, one second apart, where it says nothing', async () => {
      const name = jobs.newName();
      const since = await jobs.set(name, { dueTime: '0s' }, () => ({ status: 500 }));
      await jobs.came(name, 4);
      await jobs.over(name);
      expectAbout(gaps(since, jobs.calls(name)), [0, 1_000, 1_000, 1_000]);
    });

    it.each([
      ['drop', { drop: {} }],
      ['no retries', { constant: { interval: '0.2s', maxRetries: 0 } }],
    ])('a job with %s is gone', async (_what, failurePolicy) => {
      const name = jobs.newName();
      await jobs.set(name, { dueTime: '0s', failurePolicy }, () => ({ status: 500 }));
      await jobs.came(name, 1);
      await jobs.over(name);
      expect(jobs.calls(name)).toHaveLength(1);
    });

    it('a job without a number of retries is tried until it succeeds', async () => {
      const name = jobs.newName();
      const failurePolicy = { constant: { interval: '0.1s' } };
      await jobs.set(name, { dueTime: '0s', failurePolicy }, (_call, earlier) => ({ status: earlier < 6 ? 500 : 200 }));
      await jobs.came(name, 7);
      await jobs.over(name);
    });
  });

  it('many jobs that are due at one moment come at once, and do not wait for each other', async () => {
    const names = Array.from({ length: 30 }, () => jobs.newName());
    const dueTime = new Date(Date.now() + 1_500).toISOString();
    await Promise.all(names.map((name) => jobs.set(name, { dueTime }, () => undefined)));
    await Promise.all(names.map((name) => jobs.came(name, 1)));
    const times = names.flatMap((name) => jobs.calls(name).map(({ at }) => at));
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(BUSY_MS);
  });

  describe('a request is refused', () => {
    it.each<[string, unknown, number, string]>([
      ['that is no JSON', '{x', 400, 'ERR_MALFORMED_REQUEST'],
      ['that is a list', [], 400, 'ERR_MALFORMED_REQUEST'],
      ['that is null', 'null', 400, 'ERR_MALFORMED_REQUEST'],
      ['that is empty', '', 400, 'DAPR_SCHEDULER_SCHEDULE_EMPTY'],
      ['without a time', { data: 1 }, 400, 'DAPR_SCHEDULER_SCHEDULE_EMPTY'],
      ['with null for a time', { dueTime: null }, 400, 'DAPR_SCHEDULER_SCHEDULE_EMPTY'],
      ['with a number for a time', { dueTime: 5 }, 400, 'ERR_MALFORMED_REQUEST'],
      ['with a name of its own', { name: 'x', dueTime: '1h' }, 400, 'DAPR_SCHEDULER_JOB_NAME'],
      ['with a time that is none', { dueTime: 'soon' }, 500, NOT_SET],
      ['with an empty time', { dueTime: '' }, 500, NOT_SET],
      ['with a time without a unit', { dueTime: '5' }, 500, NOT_SET],
      ['with an interval that repeats', { dueTime: 'R3/PT1H' }, 500, NOT_SET],
      ['with repeats and no schedule', { dueTime: '1h', repeats: 2 }, 500, NOT_SET],
      ['with no repeats', { schedule: '@every 1s', repeats: 0 }, 500, NOT_SET],
      ['with less than no repeats', { schedule: '@every 1s', repeats: -1 }, 400, 'ERR_MALFORMED_REQUEST'],
      ['with a time to live and no schedule', { dueTime: '1h', ttl: '2h' }, 500, NOT_SET],
      ['with a time to live that is none', { schedule: '@every 1s', ttl: 'x' }, 500, NOT_SET],
      ['that ends before it begins', { schedule: '@every 1s', dueTime: '1h', ttl: '-1s' }, 500, NOT_SET],
      ['with a schedule that is none', { schedule: 'whenever' }, 500, NOT_SET],
      ['with five fields', { schedule: '* * * * *' }, 500, NOT_SET],
      ['with an interval that is none', { schedule: '@every soon' }, 500, NOT_SET],
      [
        'with a wait that Protobuf can’t read',
        { dueTime: '1h', failurePolicy: { constant: { interval: '1500ms' } } },
        400,
        'ERR_MALFORMED_REQUEST',
      ],
      [
        'with two failure policies',
        { dueTime: '1h', failurePolicy: { constant: {}, drop: {} } },
        400,
        'ERR_MALFORMED_REQUEST',
      ],
      ['of more than 4 MiB', { dueTime: '1h', data: 'x'.repeat(4 * 1024 * 1024) }, 400, 'ERR_BODY_READ'],
      ['of more than 2 MiB', { dueTime: '1h', data: 'x'.repeat(2 * 1024 * 1024) }, 429, NOT_SET],
    ])('%s', async (_which, body, status, errorCode) => {
      const name = jobs.newName();
      expect(await jobs.send('POST', name, body)).toEqual(refused(status, errorCode));
      expect((await jobs.get(name)).status).toBe(500);
    });

    it('without the token of the API', async () => {
      for (const method of ['POST', 'GET', 'DELETE']) {
        const body = method === 'POST' ? { dueTime: '1h', data: 1 } : undefined;
        expect((await jobs.send(method, 'unseen', body, { 'dapr-api-token': 'guessed' })).status).toBe(401);
      }
      expect((await jobs.get('unseen')).status).toBe(500);
    });

    it.each([
      ['PUT', 'named'],
      ['POST', ''],
    ])('with the method %s and the name "%s", which the API does not have', async (method, name) => {
      expect((await jobs.send(method, name, { dueTime: '1h' })).status).toBe(404);
    });
  });

  describe('a name', () => {
    it.each(['UPPER', 'a.b', 'a_b', 'a:b', 'a%20b', 'a--b', '-a', 'a-', 'x'.repeat(64)])(
      '%s is taken',
      async (name) => {
        await jobs.set(name, { dueTime: '0s', failurePolicy: { drop: {} } });
        await jobs.came(name, 1);
      },
    );

    it.each([
      ['a%7Cb', 400, 'DAPR_SCHEDULER_JOB_NAME_EMPTY'],
      ['%20', 400, 'DAPR_SCHEDULER_JOB_NAME_EMPTY'],
      ['a%2Fb', 500, NOT_SET],
      ['a%3Fb', 500, NOT_SET],
      ['a@b', 500, NOT_SET],
      ['%C3%A4', 500, NOT_SET],
      ['.a', 500, NOT_SET],
      ['x'.repeat(254), 500, NOT_SET],
    ])('%s is not', async (name, status, errorCode) => {
      expect(await jobs.send('POST', name, { dueTime: '1h', data: 1 })).toEqual(refused(status, errorCode));
    });

    it('that can’t be one can’t be asked for, nor deleted', async () => {
      expect(await jobs.get('a@b')).toEqual(refused(500, 'DAPR_SCHEDULER_GET_JOB'));
      expect(await jobs.delete('a@b')).toEqual(refused(500, 'DAPR_SCHEDULER_DELETE_JOB'));
    });
  });
}
