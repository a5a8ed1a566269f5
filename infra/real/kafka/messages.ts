import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, KafkaMessage } from 'kafkajs';
import { kafkaClient } from './client.ts';

/** A message as Kafka keeps it. */
export interface TopicMessage {
  topic: string;
  partition: number;
  offset: number;
  /** When the producer sent it, in milliseconds since 1970. */
  timestamp: number;
  key: string | undefined;
  value: string;
}

/** What is there already takes a fraction of a second to read; this is for a broker that has just started. */
const READ_TIMEOUT_MS = 30_000;

/**
 * Everything that topics hold, from beginning to end, in order within each partition; read beside the consumers that
 * work on them. Rejects when Kafka can't be reached or lacks one of the topics.
 */
export async function readTopics(brokers: string, topics: readonly string[]): Promise<TopicMessage[]> {
  const kafka = kafkaClient(brokers);
  const admin = kafka.admin();
  const groupId = `reader-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  try {
    await admin.connect();
    const total = await messageCount(admin, topics);
    if (total === 0) return [];
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    return await firstMessages(consumer, total);
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}

async function messageCount(admin: Admin, topics: readonly string[]): Promise<number> {
  const offsets = (await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))).flat();
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

function firstMessages(consumer: Consumer, count: number): Promise<TopicMessage[]> {
  return new Promise((resolve, reject) => {
    // By place, because what was read just before a rebalance is read again.
    const read = new Map<string, TopicMessage>();
    const timer = setTimeout(() => {
      reject(new Error(`only ${read.size} of ${count} messages could be read in ${READ_TIMEOUT_MS / 1000} s`));
    }, READ_TIMEOUT_MS);
    const run = consumer.run({
      async eachMessage({ topic, partition, message }) {
        read.set(`${topic}/${partition}/${message.offset}`, toMessage(topic, partition, message));
        if (read.size < count) return;
        clearTimeout(timer);
        resolve([...read.values()]);
      },
    });
    run.catch((error: Error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function toMessage(topic: string, partition: number, { offset, timestamp, key, value }: KafkaMessage): TopicMessage {
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key?.toString(),
    value: value?.toString() ?? '',
  };
}
