import { parseArgs } from 'node:util';
import { openAsOwner } from '../infra/local/postgres/openAsOwner.ts';
import { readSettings } from '../infra/local/settings.ts';

const help = `Deletes everything that the database knows of a user, for good, in one transaction.

usage: DATABASE_URL=postgres://user:password@host/database npm run delete-user -- USER --yes
       npm run delete-user -- USER --yes    the local platform's embedded Postgres (DATA_DIR), which must be stopped

  USER     the subject of the user's tokens
  --yes    do it; without, it is only counted what there is

The role must own the database's tables. First see to it that the user gets no more tokens, and wait until those that are
about have run out: the script deletes what is there, and forbids nothing. Events of the user that are on their way may
leave a notification or a count behind: run it again when the outbox and the broker are quiet. What the broker keeps goes
with its retention (a week by default), and what backups keep with theirs.
Exits with 1, and nothing deleted, when anything fails.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, yes: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.help) return console.log(help);
  const [user, ...others] = positionals;
  if (!user || others.length > 0) throw new Error('name one user; --help says more');
  const engine = await openAsOwner(readSettings(process.env));
  try {
    const { rows } = await engine.query({
      text: 'select table_name, rows from delete_user_data($1, $2)',
      params: [user, values.yes ? 'false' : 'true'],
    });
    for (const [table, count] of rows) console.log(`${count?.padStart(8)}  ${table}`);
    console.log(values.yes ? `Deleted: everything of ${user}.` : 'Nothing was deleted: add --yes to delete this.');
  } finally {
    await engine.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
