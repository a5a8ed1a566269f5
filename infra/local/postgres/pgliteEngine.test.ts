import { expect, it } from 'vitest';
import { testEngine } from '../../testing/testEngine.ts';

it('says that it has crashed, and why, when its WebAssembly gives up', async () => {
  const { engine } = await testEngine('memory');
  await engine.session((session) =>
    session.exec(`create function deeper(n int) returns int language plpgsql as $$ begin return deeper(n + 1); end $$`),
  );
  const query = { text: 'select deeper(1)', params: [] };
  await expect(engine.query(query)).rejects.toThrow('the embedded Postgres has crashed and must be started again');
  await expect(engine.query({ ...query, text: 'select 1' })).rejects.toThrow('has crashed');
  await engine.close();
});
