import type { Admin } from 'kafkajs';
import { withAdmin } from './client.ts';

/** Several, so that what holds only within one partition shows. */
const PARTITIONS = 8;

/** Makes the topics that the broker does not have yet. */
export async function ensureTopics(brokers: string, names: readonly string[]): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    if (missing.length === 0) return;
    const topics = missing.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 }));
    await admin.createTopics({ topics, waitForLeaders: true });
  });
}

/** Resolves when a broker serves clients; rejects when it can't be reached, or is not part of its cluster yet. */
export async function isServing(brokers: string): Promise<void> {
  const describe = (admin: Admin) => admin.describeCluster();
  const cluster = await withAdmin(brokers, describe, { retries: 0 });
  if (cluster.brokers.length === 0) throw new Error('Kafka has no broker yet');
}
