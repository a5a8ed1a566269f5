import { parseArgs } from 'node:util';
import { openAsOwner } from '../infra/local/postgres/openAsOwner.ts';
import { readSettings } from '../infra/local/settings.ts';

const help = `Counts the statistics (table stats_slots) anew from the tasks, in one transaction.

usage: DATABASE_URL=postgres://user:password@host/database npm run rebuild-stats [-- --user USER]
       npm run rebuild-stats [-- --user USER]    the local platform's embedded Postgres (DATA_DIR), which must be stopped

  --user USER    only this user's

The role must own the database's tables. The system may go on working: event functions that count wait for the
transaction to end, and what events on their way will add is left out, so that they add it when they come. An event is
known to be on its way by its row in the outbox without a record in the inbox. Published rows stay in the outbox for 7
days; so first replay, or give up, dead letters of task events that are older (npm run dead-letters), and let a broker
that is further behind catch up. Otherwise those events are counted again when they come: then rebuild once more.
Exits with 1, and nothing changed, when anything fails.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, user: { type: 'string' } } });
  if (values.help) return console.log(help);
  const engine = await openAsOwner(readSettings(process.env));
  try {
    const { rows } = await engine.query({ text: 'select rebuild_stats($1)', params: [values.user ?? null] });
    const slots = Number(rows[0]?.[0]);
    console.log(`Done: ${slots} ${slots === 1 ? 'quarter-hour' : 'quarter-hours'} counted.`);
  } finally {
    await engine.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
