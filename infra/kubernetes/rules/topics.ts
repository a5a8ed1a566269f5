import * as z from 'zod';
import { allTopics } from '../../../shared/events/catalogue.ts';
import { type System, topics } from './objects.ts';
import type { Rule } from './rule.ts';

const metadata = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  labels: z.record(z.string(), z.string()),
});
const count = z.int().min(1);
/** Kafka's settings of a topic, which both brokers take as text. */
const config = z.strictObject({
  'cleanup.policy': z.literal('delete'),
  'retention.ms': z.string().regex(/^[1-9]\d*$/),
});

/** The fields that Strimzi's KafkaTopic has (`kafka.strimzi.io/v1`), as far as they are used. */
const kafkaTopic = z.strictObject({
  apiVersion: z.literal('kafka.strimzi.io/v1'),
  kind: z.literal('KafkaTopic'),
  metadata: metadata.extend({ labels: z.looseObject({ 'strimzi.io/cluster': z.string() }) }),
  spec: z.strictObject({
    partitions: count,
    replicas: count,
    config: config.extend({ 'min.insync.replicas': z.string().regex(/^[1-9]\d*$/) }),
  }),
});

/** The fields that Redpanda's Topic has (`cluster.redpanda.com/v1alpha2`), as far as they are used. */
const redpandaTopic = z.strictObject({
  apiVersion: z.literal('cluster.redpanda.com/v1alpha2'),
  kind: z.literal('Topic'),
  metadata,
  spec: z.strictObject({
    partitions: count,
    replicationFactor: count,
    additionalConfig: config,
    cluster: z.strictObject({ clusterRef: z.strictObject({ name: z.string() }) }),
  }),
});

const topic = z.discriminatedUnion('kind', [kafkaTopic, redpandaTopic]);

/** No Go module has the types of these two, so their fields are held here. */
export const topicSchema: Rule = {
  name: 'topic-schema',
  check: (system) =>
    topics(system).flatMap((object) => {
      const faults = topic.safeParse(object).error?.issues ?? [];
      return faults.map(({ path, message }) => `${object.metadata.name}: ${path.join('.')}: ${message}`);
    }),
};

/** A broker makes no topic by itself here, so one that is missing is an event that is refused. */
export const topicsExist: Rule = {
  name: 'topics',
  check(system: System) {
    const names = topics(system).map(({ metadata }) => metadata.name);
    const wanted = system.hasTopics ? allTopics() : [];
    return [
      ...wanted.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
      ...names.filter((name) => !wanted.includes(name)).map((name) => `nobody uses ${name}`),
      ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`),
    ];
  },
};

/** A message is on two brokers before it counts as published, and one broker may be away all the same. */
export const topicsSurvive: Rule = {
  name: 'topic-replication',
  check: (system) =>
    topics(system).flatMap((object) => {
      const { data } = topic.safeParse(object);
      if (!data) return [];
      const replicas = data.kind === 'KafkaTopic' ? data.spec.replicas : data.spec.replicationFactor;
      const inSync = data.kind === 'KafkaTopic' ? Number(data.spec.config['min.insync.replicas']) : 2;
      const isSafe = inSync >= 2 && replicas > inSync;
      return isSafe ? [] : [`${data.metadata.name} has ${replicas} replicas, of which ${inSync} must be in sync`];
    }),
};
