import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../infra/testing/runScript.ts';
import { createTestDatabase, type ServerDatabase } from '../infra/testing/serverTemplate.ts';

const migrate = (url: string | undefined, ...args: string[]) => runScript('migrate', args, { DATABASE_URL: url });

describe('npm run migrate', () => {
  it('explains itself', async () => {
    const { code, stdout } = await migrate(undefined, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('usage: DATABASE_URL=postgres://');
  });

  it.each([undefined, '', 'localhost', 'mysql://localhost/todo'])(
    'says what DATABASE_URL must be when it is %j',
    async (url) => {
      const { code, stderr } = await migrate(url);
      expect(code).toBe(1);
      expect(stderr).toBe('DATABASE_URL must be set to a URL such as postgres://user:password@host/database\n');
    },
  );

  it('says where it could not connect to, but not the password', async () => {
    const { code, stderr } = await migrate('postgres://todo:geheim@127.0.0.1:1/todo');
    expect(code).toBe(1);
    expect(stderr).toBe("can't connect to Postgres at 127.0.0.1:1/todo: connect ECONNREFUSED 127.0.0.1:1\n");
  });

  describe.skipIf(!process.env.TEST_DATABASE_URL)('on a server', () => {
    let database: ServerDatabase;
    beforeAll(async () => {
      database = await createTestDatabase('empty');
    });
    afterAll(() => database.drop());

    it('lists, runs, and has nothing to do the next time', async () => {
      const first = '0001.do.create-tasks.sql';
      expect((await migrate(database.url, '--list')).stdout).toContain(`pending  ${first}\n`);
      const { code, stdout } = await migrate(database.url);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^applying ${first}\n(applying .*\n)*Done: \\d+ applied\\.\n$`));
      expect((await migrate(database.url)).stdout).toBe('Nothing to do: every migration is applied.\n');
      expect((await migrate(database.url, '--list')).stdout).toMatch(/^(applied {2}.*\n)+$/);
    });
  });
});
