import { setTimeout as delay } from 'node:timers/promises';
import type { OnActivity } from '../activity.ts';
import type { PartitionId } from '../log/record.ts';
import type { TopicLog, TopicMessage } from '../log/topicLog.ts';

/** Takes the messages of one topic out of the log, one at a time in each partition. */
export interface Consumer {
  /** Says that a partition may have something to do. */
  wake(partition: PartitionId): void;
  /** Resolves when no delivery runs any more; `stopping` must have been aborted. */
  stopped(): Promise<void>;
}

/** What a consumer needs; `deliver` resolves when a message is done with. */
export interface ConsumerOptions {
  log: TopicLog;
  deliver: (message: TopicMessage) => Promise<void>;
  stopping: AbortSignal;
  onActivity: OnActivity;
}

/** How long a partition rests after the log itself failed, for instance because the disk is full. */
const REST_AFTER_ERROR_MS = 5_000;

/** Makes the consumer of a topic; it does nothing until it is woken. */
export function createConsumer({ log, deliver, stopping, onActivity }: ConsumerOptions): Consumer {
  const running = new Map<number, Promise<void>>();

  async function run(partition: PartitionId): Promise<void> {
    const warn = ({ message }: Error) => onActivity({ kind: 'warning', message: `${partition.topic}: ${message}` });
    for (;;) {
      try {
        const message = stopping.aborted ? undefined : log.next(partition);
        if (!message) {
          // In the same step as the look into the log: a message that arrives after it finds nobody running.
          running.delete(partition.partition);
          return;
        }
        await deliver(message);
        // Not waited for: should it never reach the disk, the message is delivered a second time, no more.
        log.commit(partition, message.offset).catch(warn);
      } catch (error) {
        if (stopping.aborted) continue;
        warn(error as Error);
        await delay(REST_AFTER_ERROR_MS, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  return {
    wake(partition) {
      if (stopping.aborted || running.has(partition.partition)) return;
      running.set(
        partition.partition,
        Promise.resolve().then(() => run(partition)),
      );
    },
    async stopped() {
      await Promise.all(running.values());
    },
  };
}
