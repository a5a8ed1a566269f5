import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../testing/database.ts';
import { eachEngine } from '../../testing/engines.ts';

eachEngine('batches through the driver', (place) => {
  let database: TestDatabase;
  let sql: NeonQueryFunction<false, false>;
  beforeAll(async () => {
    database = await testDatabase(place, 'owner');
    neonConfig.fetchEndpoint = database.fetchEndpoint;
    sql = neon(database.url);
    await sql`create table account (name text primary key, balance int not null check (balance >= 0))`;
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await sql`truncate account`;
    await sql`insert into account values ('alice', 10), ('bob', 0)`;
  });

  const balances = async () =>
    Object.fromEntries(
      (await sql`select name, balance from account order by name`).map((row) => [row.name, row.balance]),
    );

  it('give their results in order, and later statements see earlier ones', async () => {
    expect(
      await sql.transaction([
        sql`insert into account values ('carol', 5)`,
        sql`select balance from account where name = 'carol'`,
        sql`select count(*)::int as count from account`,
      ]),
    ).toEqual([[], [{ balance: 5 }], [{ count: 3 }]]);
  });

  it('can be empty', async () => {
    expect(await sql.transaction([])).toEqual([]);
  });

  it('are whole or not at all, and the connection is clean after one that failed', async () => {
    const failing = sql.transaction([
      sql`update account set balance = balance + 100 where name = 'bob'`,
      sql`update account set balance = balance - 100 where name = 'alice'`,
      sql`select 1`,
    ]);
    await expect(failing).rejects.toMatchObject({ code: '23514', constraint: 'account_balance_check' });
    expect(await balances()).toEqual({ alice: 10, bob: 0 });
    expect(await sql.transaction([sql`select 1 as one`])).toEqual([[{ one: 1 }]]);
  });

  it('fail as a whole where a constraint is checked at the commit', async () => {
    await sql`create table member (leader int, id int primary key,
      foreign key (leader) references member (id) deferrable initially deferred)`;
    await expect(sql.transaction([sql`insert into member values (9, 1)`, sql`select 1`])).rejects.toMatchObject({
      code: '23503',
    });
    expect(await sql`select * from member`).toEqual([]);
  });

  it.each(['commit', 'COMMIT AND CHAIN', '-- done\n end', '/* x */ rollback', 'abort', "prepare transaction 'x'"])(
    'must not end their own transaction: %j',
    async (ending) => {
      const batch = sql.transaction([sql`delete from account`, sql.query(ending), sql`select 1 / 0`]);
      await expect(batch).rejects.toMatchObject({ code: '2D000' });
      expect(await balances()).toEqual({ alice: 10, bob: 0 });
    },
  );

  it('may use savepoints, and a superfluous begin does nothing', async () => {
    await sql.transaction([
      sql`begin`,
      sql`savepoint before`,
      sql`delete from account`,
      sql`rollback to savepoint before`,
      sql`update account set balance = 1 where name = 'bob'`,
    ]);
    expect(await balances()).toEqual({ alice: 10, bob: 1 });
  });

  it('run at the isolation level asked for', async () => {
    const levels = { ReadUncommitted: 'read uncommitted', ReadCommitted: 'read committed' } as const;
    const stricter = { RepeatableRead: 'repeatable read', Serializable: 'serializable' } as const;
    for (const [isolationLevel, name] of Object.entries({ ...levels, ...stricter })) {
      const options = { isolationLevel: isolationLevel as keyof typeof levels };
      expect(await sql.transaction([sql`show transaction_isolation`], options)).toEqual([
        [{ transaction_isolation: name }],
      ]);
    }
    expect(await sql`show transaction_isolation`).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('write nothing when they are read only', async () => {
    await expect(sql.transaction([sql`delete from account`], { readOnly: true })).rejects.toMatchObject({
      code: '25006',
    });
    expect(await balances()).toEqual({ alice: 10, bob: 0 });
  });

  it('can be deferrable', async () => {
    const options = { isolationLevel: 'Serializable', readOnly: true, deferrable: true } as const;
    expect(await sql.transaction([sql`show transaction_deferrable`, sql`show transaction_read_only`], options)).toEqual(
      [[{ transaction_deferrable: 'on' }], [{ transaction_read_only: 'on' }]],
    );
  });

  it('keep settings of their transaction to themselves', async () => {
    await sql.transaction([
      sql`select set_config('app.user_id', 'alice', true)`,
      sql`set local time zone 'Asia/Tokyo'`,
    ]);
    expect(await sql`select nullif(current_setting('app.user_id', true), '') as user`).toEqual([{ user: null }]);
  });

  it('leave no setting, prepared statement or open transaction for the next request', async () => {
    await sql.transaction([sql`set time zone 'Asia/Tokyo'`, sql`set app.user_id = 'alice'`]);
    await sql`prepare plan as select 1`;
    await sql`begin`;
    await sql.transaction([sql`savepoint nowhere`]);
    // As many at once as there can be connections, so that each is looked at.
    const everywhere = (query: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: 10 }, query));
    const settings = await everywhere(
      () => sql`select nullif(current_setting('app.user_id', true), '') as user, current_setting('TimeZone') as zone,
        (select count(*)::int from pg_prepared_statements) as prepared`,
    );
    const clean = { user: null, zone: expect.not.stringContaining('Tokyo'), prepared: 0 };
    expect(settings).toEqual(Array(10).fill({ status: 'fulfilled', value: [clean] }));
    const savepoints = await everywhere(() => sql`savepoint outside`);
    expect(savepoints).toMatchObject(Array(10).fill({ status: 'rejected', reason: { code: '25P01' } }));
  });

  it('run one after the other where they must: 50 withdrawals at once, and not one too many', async () => {
    await sql`update account set balance = 20 where name = 'alice'`;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        sql.transaction([
          sql`select balance from account where name = 'alice' for update`,
          sql`update account set balance = balance - 1 where name = 'alice'`,
          sql`update account set balance = balance + 1 where name = 'bob'`,
        ]),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect(await balances()).toEqual({ alice: 0, bob: 20 });
  });

  it('never mix: a batch of many statements sees nothing of a query that runs at the same time', async () => {
    const batch = sql.transaction(
      [
        sql`select balance from account where name = 'bob'`,
        ...Array.from({ length: 30 }, () => sql`update account set balance = balance + 1 where name = 'alice'`),
        sql`select balance from account where name = 'bob'`,
      ],
      { isolationLevel: 'RepeatableRead' },
    );
    const [results] = await Promise.all([
      batch,
      ...Array.from(
        { length: 30 },
        () => sql`
      update account set balance = balance + 1 where name = 'bob'`,
      ),
    ]);
    expect(results.at(-1)).toEqual(results[0]);
    expect(await balances()).toEqual({ alice: 40, bob: 30 });
  });
});
