import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedCall } from '../../local/sidecar/testing/recordingApp.ts';
import type { Bench } from '../bench.ts';

const OWN = '/v1.0/invoke/evolution-todo/method';
const MIB = 1024 * 1024;

/** Service invocation, where no policy says anything of the app. */
export function describeInvocation(bench: Bench): void {
  async function invoke(path: string, init?: RequestInit): Promise<{ response: Response; call: ReceivedCall }> {
    const before = bench.calls().length;
    const response = await bench.request(OWN + path, init);
    const calls = bench.calls().slice(before);
    expect(calls).toHaveLength(1);
    return { response, call: calls[0] as ReceivedCall };
  }

  async function refusal(path: string, init?: RequestInit) {
    const response = await bench.request(path, init);
    return { status: response.status, ...((await response.json()) as { errorCode: string; message: string }) };
  }

  describe('an invocation', () => {
    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
      'goes to the app with its method: %s',
      async (method) => {
        const { response, call } = await invoke('/tasks/1', { method });
        expect([response.status, call.method, call.path]).toEqual([200, method, '/tasks/1']);
      },
    );

    it('by HEAD has no body', async () => {
      bench.answer('/headed', () => ({ status: 200, body: 'text' }));
      const { response, call } = await invoke('/headed', { method: 'HEAD' });
      expect([call.method, response.status, await response.text()]).toEqual(['HEAD', 200, '']);
    });

    it('keeps its query as it was written', async () => {
      const { call } = await invoke('/tasks?limit=2&cursor=a%2Fb%20c+d&empty&x=1&x=2');
      expect(call.path).toBe('/tasks?limit=2&cursor=a%2Fb%20c+d&empty&x=1&x=2');
    });

    it('keeps its body, content type and headers, and has the app token in place of the API token', async () => {
      const headers = {
        'content-type': 'application/json',
        authorization: 'Bearer abc',
        'idempotency-key': 'k',
        cookie: 'a=1',
        'x-forwarded-for': '192.0.2.1',
      };
      const { call } = await invoke('/tasks', { method: 'POST', headers, body: '{"title":"Grüße"}' });
      expect(call.body).toBe('{"title":"Grüße"}');
      expect(call.headers).toMatchObject({ ...headers, 'content-length': '19', 'dapr-api-token': 'app-secret' });
      expect(call.headers.host).toBe(new URL(bench.app().url).host);
    });

    it('keeps its trace, and has an invalid one where there is none', async () => {
      const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' };
      expect((await invoke('/traced', { headers: trace })).call.headers).toMatchObject(trace);
      const untraced = (await invoke('/untraced')).call.headers;
      expect(untraced.traceparent).toBe('00-00000000000000000000000000000000-0000000000000000-00');
      expect(untraced).not.toHaveProperty('tracestate');
    });

    it('does not keep what belongs to the connection', async () => {
      const { port } = new URL(bench.subject().url);
      const socket = connect(Number(port), '127.0.0.1');
      const own = [
        'connection: close, x-dropped',
        'x-dropped: 1',
        'keep-alive: timeout=3',
        'te: trailers',
        'x-kept: 1',
      ];
      const lines = [`GET ${OWN}/connected HTTP/1.1`, 'host: x', 'dapr-api-token: api-secret', ...own];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      expect((await socket.setEncoding('utf8').toArray()).join('')).toContain('HTTP/1.1 200');
      const [call] = bench.calls('/connected');
      expect(call?.headers).toMatchObject({ 'x-kept': '1' });
      for (const name of ['x-dropped', 'keep-alive', 'te']) expect(call?.headers).not.toHaveProperty(name);
    });

    it.each([200, 201, 204, 302, 400, 401, 404, 405, 409, 422, 429, 500, 503])(
      'is answered as the app answers, once: %i',
      async (status) => {
        const headers = { 'content-type': 'application/problem+json', location: '/elsewhere', 'x-own': 'yes' };
        const body = status === 204 ? '' : `{"status":${status}}`;
        bench.answer(`/answers/${status}`, () => ({
          status,
          headers: { ...headers, 'set-cookie': ['a=1', 'b=2'] },
          body,
        }));
        const { response } = await invoke(`/answers/${status}`, { method: 'POST', redirect: 'manual' });
        expect([response.status, await response.text()]).toEqual([status, body]);
        expect(Object.fromEntries(response.headers)).toMatchObject(headers);
        expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      },
    );

    it('may have a body of up to 4 MiB', async () => {
      const { call } = await invoke('/large', { method: 'POST', body: 'x'.repeat(4 * MIB - 1) });
      expect(call.body).toHaveLength(4 * MIB - 1);
      expect(await refusal(`${OWN}/larger`, { method: 'POST', body: 'x'.repeat(5 * MIB) })).toMatchObject({
        status: 500,
        errorCode: 'ERR_DIRECT_INVOKE',
        message: expect.stringContaining('stream too large'),
      });
      expect(bench.calls('/larger')).toEqual([]);
    });

    it('may have an answer of any size', async () => {
      bench.answer('/plenty', () => ({ status: 200, body: 'x'.repeat(5 * MIB) }));
      expect(await (await invoke('/plenty')).response.text()).toHaveLength(5 * MIB);
    });
  });

  describe('the method of an invocation', () => {
    it.each([
      ['', '/'],
      ['/tasks/', '/tasks'],
      ['/a%20b/%C3%BC', '/a%20b/%C3%BC'],
      ['/tasks%2F1', '/tasks/1'],
      ['//tasks//1', '/tasks/1'],
    ])('%j is called as %s', async (method, path) => {
      expect((await invoke(method || '/')).call.path).toBe(path);
    });

    it("can't be got out of by dots", async () => {
      const { port } = new URL(bench.subject().url);
      const socket = connect(Number(port), '127.0.0.1');
      const head = ['host: x', 'dapr-api-token: api-secret', 'connection: close'];
      socket.write([`GET ${OWN}/a/../../dots/%2e%2e/b HTTP/1.1`, ...head, '', ''].join('\r\n'));
      expect((await socket.setEncoding('utf8').toArray()).join('')).toContain('HTTP/1.1 200');
      expect(bench.calls('/b')).toHaveLength(1);
    });

    it.each(['/a%3Fb', '/a%23b', '/a%0Ab'])(
      '%s, which would make another request of it, is refused',
      async (method) => {
        expect(await refusal(OWN + method)).toMatchObject({
          status: 500,
          errorCode: 'ERR_DIRECT_INVOKE',
          message: expect.stringContaining('invalid method'),
        });
      },
    );
  });

  describe('the app to be invoked', () => {
    it('can be named with its namespace', async () => {
      expect((await bench.request('/v1.0/invoke/evolution-todo.default/method/named')).status).toBe(200);
    });

    it('can be named in a header, which it does not get', async () => {
      const headers = { 'dapr-app-id': 'evolution-todo' };
      const response = await bench.request('/by-header?x=1', { method: 'POST', headers, body: 'text' });
      const [call] = bench.calls('/by-header?x=1');
      expect([response.status, call?.method, call?.body]).toEqual([200, 'POST', 'text']);
      expect(call?.headers).not.toHaveProperty('dapr-app-id');
    });

    it('can be named by basic authentication', async () => {
      const authorization = `Basic ${Buffer.from('dapr-app-id:evolution-todo').toString('base64')}`;
      expect((await bench.request('/by-basic', { headers: { authorization } })).status).toBe(200);
      expect(bench.calls('/by-basic')).toHaveLength(1);
    });

    it('must be known, or the answer is 500', async () => {
      const unknown = { status: 500, errorCode: 'ERR_DIRECT_INVOKE' };
      const message = expect.stringMatching(/^failed to invoke, id: other, err: /);
      expect(await refusal('/v1.0/invoke/other/method/tasks')).toMatchObject({ ...unknown, message });
      expect(await refusal('/tasks', { headers: { 'dapr-app-id': 'other' } })).toMatchObject({ ...unknown, message });
    });

    it.each(['/v1.0/invoke/evolution-todo/method', '/v1.0/invoke/evolution-todo/tasks', '/v1.0/invoke'])(
      'must be named, or the answer is 404: %s',
      async (path) => {
        expect(await refusal(path)).toMatchObject({ status: 404, errorCode: 'ERR_DIRECT_INVOKE' });
      },
    );

    it('is not called for who has no API token', async () => {
      for (const headers of [{}, { 'dapr-app-id': 'evolution-todo' }] as Record<string, string>[]) {
        expect((await fetch(`${bench.subject().url}${OWN}/secret`, { headers })).status).toBe(401);
      }
      expect(bench.calls('/secret')).toEqual([]);
    });
  });

  describe('an app that gives no answer', () => {
    it('makes it 500 where it breaks off, and is not asked again', async () => {
      bench.answer('/broken', () => ({ status: 200, breaksOff: 'before' }));
      expect(await refusal(`${OWN}/broken`, { method: 'POST', body: 'x' })).toMatchObject({
        status: 500,
        errorCode: 'ERR_DIRECT_INVOKE',
        message: expect.stringMatching(/^failed to invoke, id: evolution-todo, err: /),
      });
      expect(bench.calls('/broken')).toHaveLength(1);
    });

    it('breaks the caller off where it breaks off in the middle of an answer', async () => {
      bench.answer('/half', () => ({ status: 200, headers: { 'content-length': '100' }, breaksOff: 'during' }));
      const response = await bench.request(`${OWN}/half`);
      expect(response.status).toBe(200);
      expect(await response.text().catch(() => 'half')).toBe('half');
    });

    it('is left alone when the caller goes away', async () => {
      let wasLeft: (() => void) | undefined;
      const left = new Promise<void>((resolve) => {
        wasLeft = resolve;
      });
      bench.answer('/endless', ({ closed }) => {
        void closed.then(wasLeft);
        return undefined;
      });
      const caller = new AbortController();
      const invoking = bench.request(`${OWN}/endless`, { signal: caller.signal }).catch(() => 'gone');
      await expect.poll(() => bench.calls('/endless').length).toBe(1);
      caller.abort();
      expect(await invoking).toBe('gone');
      await left;
    });

    describe('since it does not listen', () => {
      beforeAll(() => bench.app().close());
      afterAll(() => bench.app().reopen());

      it('makes it 500', async () => {
        expect(await refusal(`${OWN}/away`)).toMatchObject({
          status: 500,
          errorCode: 'ERR_DIRECT_INVOKE',
          message: expect.stringMatching(/^failed to invoke, id: evolution-todo, err: /),
        });
      });
    });
  });
}

/** Service invocation of an app that a policy says something of: it is the one of events that fail, `retried`. */
export function describeInvocationPolicy(bench: Bench): void {
  describe('an invocation of an app that a retry policy is named for', () => {
    it.each(['GET', 'POST'])('is repeated where it fails, whether it may be or not: %s', async (method) => {
      const path = `/invoked-often/${method}`;
      bench.answer(path, (_call, earlier) => ({ status: earlier < 2 ? 503 : 200 }));
      expect((await bench.request(OWN + path, { method })).status).toBe(200);
      expect(bench.calls(path)).toHaveLength(3);
    });

    it('is repeated where it is refused too, and gets the last answer', async () => {
      bench.answer('/invoked-in-vain', (_call, earlier) => ({ status: 404, body: String(earlier) }));
      const response = await bench.request(`${OWN}/invoked-in-vain`);
      expect([response.status, await response.text()]).toEqual([404, '3']);
    });
  });
}
