import { parseArgs } from 'node:util';
import { openServer } from '../infra/local/postgres/server.ts';
import { migrate, migrationStatus } from '../infra/migrations/migrate.ts';

const help = `Brings the Postgres that DATABASE_URL names to the newest migration of infra/migrations.

usage: DATABASE_URL=postgres://user:password@host/database npm run migrate [-- --list]

  --list    only shows which migrations have run and which have not

The role must own the database's tables. Connect directly, not through a pooler that shares connections between
transactions (at Neon, the host without "-pooler"): two migrators keep out of each other's way by a lock that belongs to
their connection. Exits with 1 when anything fails; what had succeeded until then stays.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, list: { type: 'boolean' } } });
  if (values.help) return console.log(help);
  const url = process.env.DATABASE_URL;
  if (!url || !/^postgres(ql)?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new Error('DATABASE_URL must be set to a URL such as postgres://user:password@host/database');
  }
  const engine = await openServer(url, { maxConnections: 1 });
  try {
    if (values.list) {
      const { applied, pending } = await migrationStatus(engine);
      for (const file of applied) console.log(`applied  ${file}`);
      for (const file of pending) console.log(`pending  ${file}`);
    } else {
      const files = await migrate(engine, { onProgress: (file) => console.log(`applying ${file}`) });
      console.log(files.length > 0 ? `Done: ${files.length} applied.` : 'Nothing to do: every migration is applied.');
    }
  } finally {
    await engine.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
