import * as z from 'zod';
import { jsonLog } from '../../../shared/runtime/log.ts';
import { startBridge } from '../../local/bridge/bridge.ts';
import { openServer } from '../../local/postgres/server.ts';

const environment = z.object({
  /** The Postgres server, and the role that the functions are to have there. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  /** What the password in the functions' own DATABASE_URL must be. */
  BRIDGE_PASSWORD: z.string().min(1),
  MAX_CONNECTIONS: z.coerce.number().int().positive().default(10),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
});

const log = jsonLog('postgres-bridge');
try {
  const settings = environment.parse(process.env);
  const engine = await openServer(settings.DATABASE_URL, {
    maxConnections: settings.MAX_CONNECTIONS,
    onConnectionLost: (error) => log('warn', { outcome: 'connection-lost', error }),
  });
  const bridge = await startBridge({
    engine,
    host: '0.0.0.0',
    port: settings.PORT,
    password: settings.BRIDGE_PASSWORD,
    onFailure: (error) => log('error', { outcome: 'failed', error }),
  });
  log('info', { outcome: 'listening', port: bridge.port });
  process.once('SIGTERM', async () => {
    await bridge.close();
    await engine.close();
    process.exit(0);
  });
} catch (error) {
  log('error', { outcome: 'cannot-start', error });
  process.exit(1);
}
