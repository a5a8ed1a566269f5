import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachEngine } from '../../testing/engines.ts';
import { type TestEngine, testEngine } from '../../testing/testEngine.ts';
import { beginStatement, isIsolationLevel, parseCommandTag, type SqlEngine } from './engine.ts';

const query = (text: string, ...params: (string | null)[]) => ({ text, params });

eachEngine('an engine', (place) => {
  let test: TestEngine;
  let engine: SqlEngine;
  beforeAll(async () => {
    test = await testEngine(place);
    engine = test.engine;
  });
  afterAll(() => test.dispose());

  it('gives values as text and says what they are', async () => {
    expect(await engine.query(query('select $1::int + 1 as sum, null as nothing', '41'))).toEqual({
      command: 'SELECT',
      rowCount: 1,
      fields: [
        { name: 'sum', dataTypeID: 23, dataTypeSize: 4, dataTypeModifier: -1, tableID: 0, columnID: 0, format: 'text' },
        {
          name: 'nothing',
          dataTypeID: 25,
          dataTypeSize: -1,
          dataTypeModifier: -1,
          tableID: 0,
          columnID: 0,
          format: 'text',
        },
      ],
      rows: [['42', null]],
    });
  });

  describe('of a batch', () => {
    beforeAll(() => engine.query(query('create table kept (id int primary key, word text)')));
    const insert = (id: number, word = 'x') => query('insert into kept values ($1, $2) returning id', String(id), word);
    const kept = async () => (await engine.query(query('select id from kept order by id'))).rows.flat();

    it('gives each statement’s result in order', async () => {
      const results = await engine.transaction([insert(1), query('select count(*) from kept'), insert(2)]);
      expect(results.map(({ command, rows }) => [command, rows])).toEqual([
        ['INSERT', [['1']]],
        ['SELECT', [['1']]],
        ['INSERT', [['2']]],
      ]);
      await engine.query(query('delete from kept'));
    });

    it.each([
      ['the first', [query('select 1 / 0'), insert(1)], '22012'],
      ['one in the middle', [insert(1), query('select 1 / 0'), query('select no_such_column')], '22012'],
      ['the last', [insert(1), insert(2), insert(1)], '23505'],
      ['one that cannot be sent', [insert(1), query('select $1::text', 'a\0b'), insert(2)], '22021'],
    ])('keeps nothing where %s fails, and says why', async (_, queries, code) => {
      await expect(engine.transaction(queries)).rejects.toMatchObject({ code });
      expect(await kept()).toEqual([]);
      // And the connection is as good as before.
      expect((await engine.transaction([query('select 1')]))[0]?.rows).toEqual([['1']]);
    });
  });

  it('runs nothing behind a commit that only Postgres sees, behind a comment in a comment', async () => {
    await engine.query(query('create table before_commit (id int)'));
    const insert = query('insert into before_commit values (1)');
    const batch = engine.transaction([insert, query('/* /* */ */ commit'), insert]);
    await expect(batch).rejects.toMatchObject({ code: '2D000' });
    expect((await engine.query(query('select count(*) from before_commit'))).rows).toEqual([['1']]);
  });

  describe('lends a session', () => {
    it('for scripts, with one connection for all of it', async () => {
      const seen = await engine.session(async (session) => {
        await session.exec('create temp table note (text text); insert into note values (null), ($$x$$);');
        return (await session.query('select text from note')).rows;
      });
      expect(seen).toEqual([{ text: null }, { text: 'x' }]);
    });

    it('and clears away what is left of it', async () => {
      const failing = engine.session(async (session) => {
        await session.exec(
          "set time zone 'Asia/Tokyo'; select pg_advisory_lock(7); begin; create table half_done (id int)",
        );
        throw new Error('its user gave up');
      });
      await expect(failing).rejects.toThrow('its user gave up');
      const { rows } = await engine.query(
        query(`select to_regclass('half_done'), current_setting('TimeZone') = 'Asia/Tokyo',
          (select count(*) from pg_locks where locktype = 'advisory' and objid = 7)`),
      );
      expect(rows).toEqual([[null, 'f', '0']]);
    });
  });

  it('rejects what it is asked for after it was closed', async () => {
    const { engine: another, dispose } = await testEngine(place);
    await dispose();
    await expect(another.query(query('select 1'))).rejects.toThrow(/closed|after calling end/);
  });
});

it.each([
  [{}, 'begin'],
  [{ isolationLevel: 'RepeatableRead', readOnly: true }, 'begin isolation level repeatable read read only'],
  [
    { isolationLevel: 'Serializable', readOnly: true, deferrable: true },
    'begin isolation level serializable read only deferrable',
  ],
] as const)('a transaction with %j begins with %j', (options, statement) => {
  expect(beginStatement(options)).toBe(statement);
});

it('an isolation level is spelled as the driver spells it', () => {
  expect(['ReadUncommitted', 'ReadCommitted', 'RepeatableRead', 'Serializable'].every(isIsolationLevel)).toBe(true);
  expect(['serializable', 'toString', ''].some(isIsolationLevel)).toBe(false);
});

it.each([
  ['SELECT 2', 'SELECT', 2],
  ['INSERT 0 5', 'INSERT', 5],
  ['CREATE TABLE', 'CREATE', null],
  ['BEGIN', 'BEGIN', null],
])('the command tag %j is read as %s with count %s', (tag, command, rowCount) => {
  expect(parseCommandTag(tag)).toEqual({ command, rowCount });
});
