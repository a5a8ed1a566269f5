import type { TestDatabase } from '../testing/database.ts';

/** Names of the tables in which rows belong to users. Dead letters are left out: they are the administrators'. */
export async function usersTables({ query }: TestDatabase): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'user_id' and table_name <> 'dead_letters' order by table_name`,
  );
  return rows.map(({ name }) => name);
}
