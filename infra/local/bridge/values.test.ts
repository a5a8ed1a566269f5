import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../testing/database.ts';
import { eachEngine } from '../../testing/engines.ts';

/** What goes in as a parameter of a type, and what comes out through the driver's own type parsers. */
const ROUND_TRIPS: [type: string, sent: unknown, received: unknown][] = [
  ['int2', -32768, -32768],
  ['int4', 2147483647, 2147483647],
  ['int8', '9223372036854775807', '9223372036854775807'],
  ['numeric', '123456789012345678901234567890.000100', '123456789012345678901234567890.000100'],
  ['numeric', 'NaN', 'NaN'],
  ['float8', 0.1, 0.1],
  ['float8', '-Infinity', Number.NEGATIVE_INFINITY],
  ['bool', true, true],
  ['bool', false, false],
  ['text', '', ''],
  ['text', `"double" 'single' \\ back \n line \t tab $1 {}`, `"double" 'single' \\ back \n line \t tab $1 {}`],
  ['text', 'Grüße 水 🌱 \u202e', 'Grüße 水 🌱 \u202e'],
  ['varchar(3)', 'abc', 'abc'],
  ['bytea', Buffer.from([0, 1, 127, 128, 255]), Buffer.from([0, 1, 127, 128, 255])],
  ['bytea', Buffer.alloc(0), Buffer.alloc(0)],
  ['json', { b: 1, a: [null, 'x'] }, { b: 1, a: [null, 'x'] }],
  ['jsonb', { b: { c: '"' }, a: 1.5 }, { a: 1.5, b: { c: '"' } }],
  ['jsonb', 'null', null],
  ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['time', '23:59:59.123456', '23:59:59.123456'],
  ['timestamptz', '2024-03-10T10:00:00.123+02:00', new Date('2024-03-10T08:00:00.123Z')],
  ['int4[]', [1, null, 3], [1, null, 3]],
  ['int4[]', [], []],
  [
    'int4[]',
    [
      [1, 2],
      [3, null],
    ],
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['text[]', ['a', 'NULL', null, '', '"', '\\', ',', '{}'], ['a', 'NULL', null, '', '"', '\\', ',', '{}']],
  ['timestamptz[]', ['2024-01-01T00:00:00Z', null], [new Date('2024-01-01T00:00:00Z'), null]],
];

/** What Postgres prints for a value, before any parser. */
const PRINTED: [expression: string, text: string][] = [
  ["'2024-02-29'::date", '2024-02-29'],
  ["'2024-02-29 12:00:00.5'::timestamp", '2024-02-29 12:00:00.5'],
  ["'2024-02-29 12:00:00+00'::timestamptz", '2024-02-29 12:00:00+00'],
  ["'1 year 2 months 3 days 04:05:06'::interval", '1 year 2 mons 3 days 04:05:06'],
  ["'infinity'::timestamptz", 'infinity'],
  ["'[2024-01-01,2024-02-01)'::daterange", '[2024-01-01,2024-02-01)'],
  ["row(1, 'a b', null)", '(1,"a b",)'],
  ["'10.0.0.1/8'::inet", '10.0.0.1/8'],
  ['true', 't'],
  ["'\\x00ff'::bytea", '\\x00ff'],
  ["array['mon', null]::text[]", '{mon,NULL}'],
];

eachEngine('values through the driver', (place) => {
  let database: TestDatabase;
  let sql: NeonQueryFunction<false, false>;
  beforeAll(async () => {
    database = await testDatabase(place, 'owner');
    neonConfig.fetchEndpoint = database.fetchEndpoint;
    sql = neon(database.url);
  });
  afterAll(() => database.close());

  it.each(ROUND_TRIPS)('keeps a %s: %j', async (type, sent, received) => {
    expect(await sql.query(`select $1::${type} as value`, [sent])).toEqual([{ value: received }]);
  });

  it.each(PRINTED)('gives %s as Postgres prints it', async (expression, text) => {
    const raw = neon(database.url, { arrayMode: true });
    const types = { getTypeParser: () => (value: string) => value } as never;
    expect(await raw.query(`select ${expression}`, [], { types })).toEqual([[text]]);
  });

  it('takes null and undefined for a parameter of any type', async () => {
    expect(await sql`select ${null}::int as a, ${undefined}::text[] as b, ${null}::jsonb as c`).toEqual([
      { a: null, b: null, c: null },
    ]);
  });

  it('keeps values of an enum and arrays of it', async () => {
    await sql`create type mood as enum ('calm', 'so so')`;
    expect(await sql`select ${'so so'}::mood as one, ${['calm', null]}::mood[]::text[] as many`).toEqual([
      { one: 'so so', many: ['calm', null] },
    ]);
  });

  it('keeps a text of 5 MB', async () => {
    const text = 'ä"\\'.repeat(1_250_000);
    const [row] =
      await sql`select value as text, octet_length(value) as bytes from (select ${text}::text as value) as sent`;
    expect(row?.bytes).toBe(5_000_000);
    expect(row?.text === text).toBe(true);
  });

  it('takes as many parameters as the protocol can count', async () => {
    const placeholders = Array.from({ length: 65_535 }, (_, index) => `$${index + 1}`).join();
    const [row] = await sql.query(`select cardinality(array[${placeholders}]) as count`, Array(65_535).fill('x'));
    expect(row).toEqual({ count: 65_535 });
  });

  it('refuses a text with a NUL, which Postgres has no place for', async () => {
    await expect(sql`select ${'a\0b'}::text`).rejects.toMatchObject({ code: '22021' });
    await expect(sql.query('select 1 \0')).rejects.toMatchObject({ code: '22021' });
  });

  it('gives rows as objects, or as arrays where columns have one name', async () => {
    expect(await sql`select 1 as a, 2 as b`).toEqual([{ a: 1, b: 2 }]);
    expect(await neon(database.url, { arrayMode: true })`select 1 as a, 2 as a`).toEqual([[1, 2]]);
  });

  describe('in full', () => {
    const full = (text: string) => sql.query(text, [], { fullResults: true });

    it('tells command, count and columns', async () => {
      await sql`create table shelf (id int primary key, label varchar(40))`;
      expect(await full("insert into shelf values (1, 'a'), (2, 'b') returning id, label")).toMatchObject({
        command: 'INSERT',
        rowCount: 2,
        rows: [
          { id: 1, label: 'a' },
          { id: 2, label: 'b' },
        ],
        rowAsArray: false,
        fields: [
          { name: 'id', dataTypeID: 23, columnID: 1, dataTypeSize: 4, dataTypeModifier: -1, format: 'text' },
          { name: 'label', dataTypeID: 1043, columnID: 2, dataTypeSize: -1, dataTypeModifier: 44, format: 'text' },
        ],
      });
    });

    it('counts what changed where no rows come back', async () => {
      expect(await full('update shelf set label = null')).toMatchObject({ command: 'UPDATE', rowCount: 2, rows: [] });
      expect(await full('delete from shelf where false')).toMatchObject({ command: 'DELETE', rowCount: 0, fields: [] });
    });

    it('has no count for what does not count', async () => {
      expect(await full('create table trunk (id int)')).toMatchObject({ command: 'CREATE', rowCount: null, rows: [] });
      expect(await full('  ')).toMatchObject({ command: '', rowCount: null, rows: [], fields: [] });
    });
  });
});
