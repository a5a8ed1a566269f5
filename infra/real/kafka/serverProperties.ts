export interface BrokerAddress {
  /** The address where clients connect, and that they are told. */
  host: string;
  port: number;
  /** Where the controller listens, on loopback; nobody but the broker itself calls it. */
  controllerPort: number;
}

/** The settings of a broker that is alone, and its own controller (KRaft). */
export function serverProperties({ host, port, controllerPort }: BrokerAddress, dataDir: string): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir,
    // Topics are made from the event catalogue: a wrong name must fail, not make another topic.
    'auto.create.topics.enable': false,
    // One broker is all the replicas there can be.
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // One consumer group of one member: fifty partitions of offsets would only cost time at the first start.
    'offsets.topic.num.partitions': 1,
    // A broker that was killed may not come back before its former self counts as gone, by default after 9 s.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 1_000,
    // The group's one member need not wait for others.
    'group.initial.rebalance.delay.ms': 0,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
