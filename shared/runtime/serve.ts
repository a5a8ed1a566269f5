import type { Server } from 'node:http';
import type { Adapter } from './adapter.ts';
import { createApp } from './app.ts';
import type { FunctionDefinition } from './defineFunction.ts';
import { readEnvironment } from './environment.ts';
import { jsonLog, type Log } from './log.ts';
import { serverOf } from './nodeServer.ts';
import { resourceName } from './route.ts';
import { silentTelemetry, type Telemetry, wantsTelemetry } from './telemetry.ts';

/** What is under way when the process is told to stop has this long to finish; then the process ends all the same. */
const SHUTDOWN_GRACE_MS = 8_000;

/**
 * Runs a function as a process, behind the adapter of its trigger: reads the environment, listens on PORT, and on SIGTERM or SIGINT lets requests and
 * background work finish before it exits. Exits with 1, and the reason in the log, when it can't start.
 */
export async function serve(definition: FunctionDefinition, adapter: Adapter): Promise<void> {
  const log = jsonLog(definition.name);
  const fail = (error: unknown) => {
    log('error', { outcome: 'cannot-start', reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  };

  try {
    const environment = readEnvironment(definition, process.env);
    // Not even a microtask is spent on it where it is off.
    const telemetry = wantsTelemetry(process.env) ? await startTelemetry(definition, log) : silentTelemetry;
    const { app, settled, stop } = createApp(definition, adapter, { environment, log, telemetry });
    const { HOST: hostname, PORT: port } = environment;
    const server = serverOf((request) => app.fetch(request));
    server.on('error', fail);
    server.listen(port, hostname);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        stop();
        void shutDown(server, log, async () => {
          await settled();
          await telemetry.shutdown();
        });
      });
    }
  } catch (error) {
    fail(error);
  }
}

/** Loads what sends telemetry, which is far larger than a function; one that cannot be set up is no reason not to run. */
async function startTelemetry(definition: FunctionDefinition, log: Log): Promise<Telemetry> {
  try {
    const { openTelemetry } = await import('./openTelemetry.ts');
    return openTelemetry({ serviceName: resourceName(definition), variables: process.env, log });
  } catch (error) {
    log('warn', { outcome: 'no-telemetry', error });
    return silentTelemetry;
  }
}

async function shutDown(server: Server, log: Log, settled: () => Promise<void>): Promise<void> {
  setTimeout(() => process.exit(1), SHUTDOWN_GRACE_MS).unref();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  try {
    await closed;
    await settled();
    process.exit(0);
  } catch (error) {
    log('error', { outcome: 'unclean-stop', error });
    process.exit(1);
  }
}
