import { createServer } from 'node:http';
import { freePort, listen } from '../local/listen.ts';
import type { SchedulerPorts } from './scheduler/scheduler.ts';
import type { RealSettings } from './settings.ts';

/** Ports of loopback, which stay the same when a part is started again. */
export interface Ports {
  postgres: number;
  kafka: number;
  controller: number;
  /** The gateway's, which daprd calls. */
  app: number;
  dapr: number;
  daprGrpc: number;
  daprInternal: number;
  scheduler: SchedulerPorts;
  /** Kafka's address, as clients are given it. */
  brokers: string;
}

/**
 * The ports that the settings name, and free ones in place of 0. Rejects when one is in use: a part's own words come
 * late and vary, and another Kafka that listens there would be taken for ours.
 */
export async function choosePorts(settings: RealSettings): Promise<Ports> {
  const kafka = await choose(settings.KAFKA_PORT);
  return {
    postgres: settings.DATABASE_URL ? 0 : await choose(settings.POSTGRES_PORT),
    kafka,
    controller: await freePort(),
    app: await choose(settings.APP_PORT),
    dapr: await choose(settings.DAPR_HTTP_PORT),
    daprGrpc: await freePort(),
    daprInternal: await freePort(),
    scheduler: await schedulerPorts(),
    brokers: `127.0.0.1:${kafka}`,
  };
}

/** Free ports for a scheduler. */
export async function schedulerPorts(): Promise<SchedulerPorts> {
  return {
    api: await freePort(),
    health: await freePort(),
    etcdClient: await freePort(),
    etcdPeer: await freePort(),
  };
}

/** The port itself, or a free one in place of 0. Rejects, with what to do, when somebody listens there. */
export async function choose(port: number, host?: string): Promise<number> {
  const listening = await listen(createServer(), port, host);
  await listening.close();
  return listening.port;
}
