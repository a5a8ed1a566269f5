import { type Location, openJournal, SEGMENT_BYTES } from './journal.ts';
import { createPartition, type Partition } from './partition.ts';
import { decodeRecord, encodeRecord, type MessageHeader, type PartitionId } from './record.ts';

/** A message as it lies in its topic. */
export interface TopicMessage extends MessageHeader {
  payload: Buffer;
}

/** Where a message lies, in the names that Dapr's Kafka component has for it. */
export function placeOf({ key, topic, partition, offset, timestamp }: TopicMessage): Record<string, string> {
  return {
    ...(key !== undefined && { __key: key }),
    __topic: topic,
    __partition: String(partition),
    __offset: String(offset),
    __timestamp: String(timestamp),
  };
}

/** A message to be accepted; its offset and time are given by the log. */
export type NewMessage = Omit<TopicMessage, 'offset' | 'timestamp'>;

/** Topics with partitions, kept on disk: a small, single-process stand-in for a broker. */
export interface TopicLog {
  /** Resolves when the message is on disk; rejects when it could not be written. */
  append(message: NewMessage): Promise<TopicMessage>;
  /** The first message of the partition that is not consumed. */
  next(partition: PartitionId): TopicMessage | undefined;
  /** Forgets the partition's messages up to and with this offset; resolves when that is on disk. */
  commit(partition: PartitionId, offset: number): Promise<void>;
  /** All partitions that ever had a message. */
  partitions(): PartitionId[];
  /** What is kept of a topic: all of the retention time, or what is not yet consumed where somebody consumes. */
  messages(pubsubName: string, topic: string): TopicMessage[];
  /** Is told the partition of every message that was accepted. */
  onAppended(listener: (partition: PartitionId) => void): void;
  close(): Promise<void>;
}

/** Where the log lies and how long it keeps what. */
export interface TopicLogOptions {
  /** Belongs to this log alone; made when missing. */
  dir: string;
  now: () => Date;
  /** Does anybody consume the topic? What is consumed has no retention time: it stays until it is consumed. */
  isConsumed: (pubsubName: string, topic: string) => boolean;
  onCleaningFailed: (error: unknown) => void;
  segmentBytes?: number;
}

/** How long a topic that nobody consumes keeps its messages: Kafka's default, `log.retention.hours=168`. */
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * What was consumed is written together with the next message, or after this time. A crash in between costs a second
 * delivery; a Kafka consumer writes its offsets once a second.
 */
const COMMIT_MAY_WAIT_MS = 20;

/**
 * Opens the log in a folder and finds everything that was accepted and is not consumed.
 * @throws DamagedLogError when accepted messages can't be read
 */
export async function openTopicLog(options: TopicLogOptions): Promise<TopicLog> {
  const { now, isConsumed } = options;
  const partitions = new Map<string, { id: PartitionId; state: Partition }>();
  const listeners: ((partition: PartitionId) => void)[] = [];

  function partitionOf({ pubsubName, topic, partition }: PartitionId): Partition {
    const name = JSON.stringify([pubsubName, topic, partition]);
    const known = partitions.get(name);
    if (known) return known.state;
    const state = createPartition();
    partitions.set(name, { id: { pubsubName, topic, partition }, state });
    return state;
  }

  function recovered(bytes: Buffer, location: Location): void {
    const record = decodeRecord(bytes);
    switch (record.type) {
      case 'message': {
        const { offset, timestamp } = record.header;
        partitionOf(record.header).add({ offset, timestamp, location });
        break;
      }
      case 'commit':
        partitionOf(record.partition).commit(record.committed);
        break;
      case 'snapshot':
        for (const { nextOffset, committed, ...id } of record.partitions) {
          const partition = partitionOf(id);
          partition.commit(committed);
          partition.nextOffset = Math.max(partition.nextOffset, nextOffset);
        }
    }
  }

  function snapshot(): Buffer {
    const states = [...partitions.values()].map(({ id, state: { nextOffset, committed } }) => ({
      ...id,
      nextOffset,
      committed,
    }));
    return encodeRecord({ type: 'snapshot', partitions: states });
  }

  function* live(): Generator<Location> {
    for (const { id, state } of partitions.values()) {
      if (!isConsumed(id.pubsubName, id.topic)) state.expire(now().getTime() - RETENTION_MS);
      for (const { location } of state.entries()) yield location;
    }
  }

  const journal = await openJournal(
    options.dir,
    { recovered, snapshot, live, cleaningFailed: options.onCleaningFailed },
    options.segmentBytes ?? SEGMENT_BYTES,
  );

  function read(location: Location): TopicMessage {
    const record = decodeRecord(journal.read(location));
    if (record.type !== 'message')
      throw new Error(`${location.segment.path} has no message at byte ${location.position}`);
    return { ...record.header, payload: record.payload };
  }

  return {
    async append({ payload, ...rest }) {
      const partition = partitionOf(rest);
      const header = { ...rest, offset: partition.nextOffset++, timestamp: now().getTime() };
      const location = await journal.append(encodeRecord({ type: 'message', header, payload }), 0);
      partition.add({ offset: header.offset, timestamp: header.timestamp, location });
      for (const listener of listeners) listener(header);
      return { ...header, payload };
    },
    next(id) {
      const entry = partitionOf(id).first();
      return entry && read(entry.location);
    },
    async commit(id, offset) {
      const { pubsubName, topic, partition } = id;
      const committed = offset + 1;
      partitionOf(id).commit(committed);
      const record = encodeRecord({ type: 'commit', partition: { pubsubName, topic, partition }, committed });
      await journal.append(record, COMMIT_MAY_WAIT_MS);
    },
    partitions: () => [...partitions.values()].map(({ id }) => id),
    messages(pubsubName, topic) {
      return [...partitions.values()]
        .filter(({ id }) => id.pubsubName === pubsubName && id.topic === topic)
        .flatMap(({ state }) => state.entries().map(({ location }) => read(location)));
    },
    onAppended(listener) {
      listeners.push(listener);
    },
    close: () => journal.close(),
  };
}
