import type { SqlEngine } from './engine.ts';

/** An engine on which every transaction runs with the rights of a role, as if that role had logged in. */
export function asRole(engine: SqlEngine, role: string): Pick<SqlEngine, 'query' | 'transaction'> {
  const assume = { text: `select set_config('role', $1, true)`, params: [role] };
  const transaction: SqlEngine['transaction'] = async (queries, options) => {
    const [, ...results] = await engine.transaction([assume, ...queries], options);
    return results;
  };
  return {
    transaction,
    async query(query) {
      const [result] = await transaction([query]);
      if (!result) throw new Error('a statement came back without a result');
      return result;
    },
  };
}
