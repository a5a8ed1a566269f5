import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../infra/testing/database.ts';
import { eachEngine } from '../../infra/testing/engines.ts';
import { taskRow, writeTasks } from '../../infra/testing/taskRows.ts';
import { connect, hasCode, readAs, type Sql } from './database.ts';

eachEngine('reading', (place) => {
  let database: TestDatabase;
  let sql: Sql;
  beforeAll(async () => {
    database = await testDatabase(place);
    sql = connect(database);
  });
  afterAll(() => database.close());
  beforeEach(() => database.reset());

  const countTasks = () => sql`select count(*)::int as tasks from tasks`;

  test('changes nothing', async () => {
    await writeTasks(database, [taskRow()]);
    const read = readAs(sql, { userId: 'alice' });
    await expect(read(sql`update tasks set title = 'Changed'`)).rejects.toSatisfy((error) => hasCode('25006', error));
    expect(await read(countTasks(), sql`select title from tasks`)).toEqual([[{ tasks: 1 }], [{ title: 'Pay rent' }]]);
  });

  // In memory nobody can write meanwhile.
  describe.skipIf(place === 'memory')('beside a writer', () => {
    test('sees one state, whatever is committed between two of its statements', async () => {
      const reading = readAs(sql, { userId: 'alice' })(countTasks(), sql`select pg_sleep(0.5)`, countTasks());
      await expect
        .poll(() => database.query("select from pg_stat_activity where query like 'select pg_sleep%'"))
        .toHaveLength(1);
      await writeTasks(database, [taskRow()]);
      const [before, , after] = await reading;
      expect([before, after]).toEqual([[{ tasks: 0 }], [{ tasks: 0 }]]);
    });
  });
});
