import { connect } from 'node:net';
import { neon, neonConfig } from '@neondatabase/serverless';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Query, QueryResult, SqlEngine } from '../postgres/engine.ts';
import { type Bridge, startBridge } from './bridge.ts';

const PASSWORD = 'pa/ss:wörd%';
const connectionString = `postgres://todo:${encodeURIComponent(PASSWORD)}@localhost/todo`;
const headers = {
  'neon-connection-string': connectionString,
  'neon-raw-text-output': 'true',
  'neon-array-mode': 'true',
};
const result: QueryResult = { command: 'SELECT', rowCount: 0, fields: [], rows: [] };

describe('the bridge', () => {
  const query = vi.fn<(query: Query) => Promise<QueryResult>>();
  const transaction = vi.fn<SqlEngine['transaction']>();
  const onFailure = vi.fn();
  let bridge: Bridge;

  beforeEach(async () => {
    query.mockReset().mockResolvedValue(result);
    transaction.mockReset().mockImplementation(async (queries) => queries.map(() => result));
    onFailure.mockReset();
    const engine = { query, transaction } as unknown as SqlEngine;
    bridge = await startBridge({ engine, port: 0, password: PASSWORD, maxRequestBytes: 1000, onFailure });
    neonConfig.fetchEndpoint = `${bridge.url}/sql`;
  });
  afterEach(() => bridge.close());

  async function post(body: string | Uint8Array, changes: Record<string, string | undefined> = {}) {
    const sent = Object.entries({ ...headers, ...changes }).filter(([, value]) => value !== undefined);
    const response = await fetch(`${bridge.url}/sql`, { method: 'POST', body, headers: sent as [string, string][] });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  describe('asks for the password', () => {
    it('and lets the right one in, whatever characters it has', async () => {
      expect(await neon(connectionString)`select 1`).toEqual([]);
    });

    it.each(['wrong', `${PASSWORD}x`, PASSWORD.slice(1)])(
      'and refuses %j as Neon does, before anything runs',
      async (wrong) => {
        const sql = neon(`postgres://todo:${encodeURIComponent(wrong)}@localhost/todo`);
        await expect(sql`select 1`).rejects.toThrow("password authentication failed for user 'todo'");
        expect(query).not.toHaveBeenCalled();
      },
    );

    it.each([
      ['no password', 'postgres://todo@localhost/todo', 'missing authentication credentials: required password'],
      ['no connection string', undefined, 'invalid header: neon-connection-string'],
      ['something else', 'todo', 'invalid connection string: it is not a URL'],
      ['another scheme', 'mysql://todo:x@localhost/todo', 'incorrect scheme'],
      [
        'broken encoding',
        'postgres://todo:%zz@localhost/todo',
        'invalid connection string: malformed percent-encoding',
      ],
    ])('and says what is missing when it gets %s', async (_, given, message) => {
      expect(await post('{"query":"select 1"}', { 'neon-connection-string': given })).toEqual({
        status: 400,
        body: { message },
      });
    });
  });

  describe('reads', () => {
    it('a statement without parameters, and numbers and booleans as parameters', async () => {
      await post('{"query":"select 1"}');
      await post('{"query":"select $1, $2, $3","params":[1.5,true,null]}');
      expect(query.mock.calls).toEqual([
        [{ text: 'select 1', params: [] }],
        [{ text: 'select $1, $2, $3', params: ['1.5', 'true', null] }],
      ]);
    });

    it('how a batch is to run', async () => {
      const body = '{"queries":[{"query":"select 1","params":[]}]}';
      await post(body);
      await post(body, {
        'neon-batch-isolation-level': 'Serializable',
        'neon-batch-read-only': 'true',
        'neon-batch-deferrable': 'false',
      });
      expect(transaction.mock.calls.map(([, options]) => options)).toEqual([
        { isolationLevel: undefined, readOnly: false, deferrable: false },
        { isolationLevel: 'Serializable', readOnly: true, deferrable: false },
      ]);
    });

    it.each(['serializable', 'toString', ''])('no isolation level called %j', async (level) => {
      const answer = await post('{"queries":[]}', { 'neon-batch-isolation-level': level });
      expect(answer).toEqual({ status: 400, body: { message: 'invalid isolation level' } });
    });

    it.each([
      '',
      '{',
      '[]',
      '"select 1"',
      'null',
      '{"query":1}',
      '{"query":"select $1","params":[[1]]}',
      '{"queries":[1]}',
    ])('no body like %j, and says so', async (body) => {
      const answer = await post(body);
      expect(answer.status).toBe(400);
      expect(answer.body.message).toMatch(/^could not parse the HTTP request body: ./);
      expect(query).not.toHaveBeenCalled();
    });

    it('no body that is not UTF-8', async () => {
      const answer = await post(Buffer.from('{"query":"select \'ä\'"}', 'latin1'));
      expect(answer.status).toBe(400);
      expect(query).not.toHaveBeenCalled();
    });

    it('requests up to its limit and no further, whether or not they tell their size', async () => {
      const body = (bytes: number) => JSON.stringify({ query: 'select 1'.padEnd(bytes - '{"query":""}'.length) });
      expect((await post(body(1000))).status).toBe(200);
      expect(await post(body(1001))).toEqual({
        status: 413,
        body: { message: 'request is too large (max is 1000 bytes)' },
      });
      const chunked = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(body(600)));
          if (++chunks === 20) controller.close();
        },
      });
      let chunks = 0;
      const request = { method: 'POST', body: chunked, headers, duplex: 'half' } as RequestInit;
      expect((await fetch(`${bridge.url}/sql`, request)).status).toBe(413);
    });

    it('nothing that asks for values other than as text', async () => {
      expect((await post('{"query":"select 1"}', { 'neon-raw-text-output': undefined })).status).toBe(400);
    });
  });

  describe('answers', () => {
    it('rows as objects to who does not ask for arrays', async () => {
      const field = {
        tableID: 0,
        columnID: 0,
        dataTypeID: 25,
        dataTypeSize: -1,
        dataTypeModifier: -1,
        format: 'text',
      } as const;
      query.mockResolvedValue({ ...result, fields: [{ ...field, name: 'a' }], rows: [['x'], [null]] });
      const { body } = await post('{"query":"select a"}', { 'neon-array-mode': undefined });
      expect(body).toMatchObject({ rowAsArray: false, rows: [{ a: 'x' }, { a: null }] });
      const { body: asked } = await post('{"query":"select a","arrayMode":true}', { 'neon-array-mode': undefined });
      expect(asked).toMatchObject({ rowAsArray: true, rows: [['x'], [null]] });
    });

    it('500 when Postgres could not be asked, and tells its owner', async () => {
      const lost = new Error('Connection terminated unexpectedly');
      query.mockRejectedValue(lost);
      await expect(neon(connectionString)`select 1`).rejects.toThrow(
        'Server error (HTTP status 500): {"message":"Connection terminated unexpectedly"}',
      );
      expect(onFailure).toHaveBeenCalledExactlyOnceWith(lost);
    });

    it('200 to a question for its health, unless Postgres does not answer', async () => {
      const health = () => fetch(`${bridge.url}/healthz`);
      expect((await health()).status).toBe(200);
      query.mockRejectedValue(new Error('gone'));
      expect((await health()).status).toBe(500);
    });

    it('404 where there is nothing, and 405 to anything but a POST of statements', async () => {
      const response = await fetch(`${bridge.url}/query`, { method: 'POST' });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        message: 'there is nothing at /query: POST /sql runs statements, GET /healthz tells of health',
      });
      expect((await fetch(`${bridge.url}/sql`)).status).toBe(405);
    });
  });

  describe('goes on', () => {
    it('when a client goes away in the middle of its request', async () => {
      const socket = connect(bridge.port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`POST /sql HTTP/1.1\r\nhost: x\r\n${head.join('')}content-length: 500\r\n\r\n{"query"`);
      expect((await post('{"query":"select 1"}')).status).toBe(200);
      socket.resetAndDestroy();
      expect((await post('{"query":"select 2"}')).status).toBe(200);
      expect(query).toHaveBeenCalledTimes(2);
      expect(onFailure).not.toHaveBeenCalled();
    });

    it('when a client goes away before its answer', async () => {
      let finish = (_: QueryResult) => {};
      query.mockReturnValueOnce(
        new Promise((resolve) => {
          finish = resolve;
        }),
      );
      const abort = new AbortController();
      const abandoned = fetch(`${bridge.url}/sql`, {
        method: 'POST',
        body: '{"query":"select 1"}',
        headers,
        signal: abort.signal,
      });
      await vi.waitFor(() => expect(query).toHaveBeenCalledOnce());
      abort.abort();
      await expect(abandoned).rejects.toThrow();
      finish(result);
      expect((await post('{"query":"select 2"}')).status).toBe(200);
      expect(onFailure).not.toHaveBeenCalled();
    });

    it('no longer than that when it is closed: a request that is not complete does not hold it up', async () => {
      const socket = connect(bridge.port, '127.0.0.1').on('error', () => {});
      const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`POST /sql HTTP/1.1\r\nhost: x\r\n${head.join('')}content-length: 500\r\n\r\n{"query"`);
      expect((await post('{"query":"select 1"}')).status).toBe(200);
      await bridge.close();
      expect(onFailure).not.toHaveBeenCalled();
    });

    it('until what it has begun is done, when it is closed', async () => {
      let finish = (_: QueryResult) => {};
      query.mockReturnValueOnce(
        new Promise((resolve) => {
          finish = resolve;
        }),
      );
      const answer = post('{"query":"select 1"}');
      await vi.waitFor(() => expect(query).toHaveBeenCalledOnce());
      const closed = bridge.close();
      expect((await post('{"query":"select 2"}')).status).toBe(503);
      finish(result);
      expect((await answer).status).toBe(200);
      await closed;
      await expect(post('{"query":"select 3"}')).rejects.toThrow('fetch failed');
    });
  });

  it('says which port is in use', async () => {
    const second = startBridge({ engine: {} as SqlEngine, port: bridge.port, password: PASSWORD });
    await expect(second).rejects.toThrow(`port ${bridge.port} is in use`);
  });
});
