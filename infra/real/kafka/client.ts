import kafkajs, { type Admin, type RetryOptions } from 'kafkajs';

const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;

/** A client of Kafka that prints nothing: what fails, its callers see. */
export function kafkaClient(brokers: string, retry: RetryOptions = {}): kafkajs.Kafka {
  return new kafkajs.Kafka({
    clientId: 'evolution-todo-platform',
    brokers: brokers.split(','),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry,
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

/** Asks the broker something; rejects at once where it is set to no retries. */
export async function withAdmin<T>(
  brokers: string,
  use: (admin: Admin) => Promise<T>,
  retry: RetryOptions = {},
): Promise<T> {
  const admin = kafkaClient(brokers, retry).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
