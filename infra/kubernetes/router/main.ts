import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { jsonLog } from '../../../shared/runtime/log.ts';
import { worthALine } from './activityLine.ts';
import { startRouter } from './router.ts';
import { readTable } from './table.ts';

/** A tick may take longer, but is not waited for: the next one works off what it left. */
const GRACE_MS = 15_000;

const port = z.coerce.number().int().min(0).max(65_535);
const environment = z.object({
  /** The table of routes, as JSON. */
  ROUTES_FILE: z.string().min(1),
  /** What is put behind a Service's name to make its host name. */
  SERVICE_DOMAIN: z.string().min(1),
  /** Where the Services listen. */
  SERVICE_PORT: port.default(80),
  /** For the sidecar, on loopback. */
  PORT: port,
  /** For probes, on every address. */
  HEALTH_PORT: port,
});

const log = jsonLog('router');
try {
  const settings = environment.parse(process.env);
  const router = await startRouter({
    table: readTable(await readFile(settings.ROUTES_FILE, 'utf8')),
    addressOf: (service) => ({ host: `${service}.${settings.SERVICE_DOMAIN}`, port: settings.SERVICE_PORT }),
    port: settings.PORT,
    healthPort: settings.HEALTH_PORT,
    graceMs: GRACE_MS,
    onActivity(activity) {
      const line = worthALine(activity);
      if (line) log(line.level, line.fields);
    },
  });
  log('info', { outcome: 'listening', url: router.url, health: router.healthUrl });
  process.once('SIGTERM', () => void router.close().then(() => process.exit(0)));
} catch (error) {
  log('error', { outcome: 'cannot-start', error });
  process.exit(1);
}
