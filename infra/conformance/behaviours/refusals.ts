import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import { cloudEvent } from '../topic.ts';

/** What is not accepted for publishing, and how that is said. */
export function describeRefusals(bench: Bench): void {
  const topic = bench.topic('refusing');

  async function refusal(answering: Promise<Response>): Promise<object> {
    const answer = await answering;
    return { status: answer.status, ...((await answer.json()) as object) };
  }
  const publishTo = (path: string) => refusal(bench.request(`/v1.0/publish/${path}`, { method: 'POST', body: '{}' }));

  describe('publishing is refused', () => {
    it('with 404 where there is no such component', async () => {
      expect(await publishTo('nope/tasks')).toMatchObject({
        status: 404,
        errorCode: 'ERR_PUBSUB_NOT_FOUND',
        message: 'pubsub nope is not found',
      });
    });

    it('with 403 where scopes keep the app from the topic', async () => {
      expect(await publishTo('restricted/another')).toMatchObject({
        status: 403,
        errorCode: 'ERR_PUBSUB_FORBIDDEN',
        message: 'topic another is not allowed for app id evolution-todo',
      });
    });

    it('with 500 where the topic does not exist', async () => {
      expect(await publishTo('bare/missing')).toMatchObject({
        status: 500,
        errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
        message: expect.stringContaining('error when publishing to topic missing in pubsub bare'),
      });
    });

    it('with 500 where the event is larger than maxMessageBytes', async () => {
      const sized = (bytes: number) => topic.publish(cloudEvent(randomUUID(), { data: 'x'.repeat(bytes) }));
      expect((await sized(1_000_000)).status).toBe(204);
      expect(await refusal(sized(1_100_000))).toMatchObject({
        status: 500,
        errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
        message: expect.stringContaining('MaxMessageBytes'),
      });
    });

    it('with 500 where the body is larger than 4 MiB', async () => {
      const body = 'x'.repeat(5 * 1024 * 1024);
      expect(await refusal(topic.publish(body, { contentType: 'text/plain' }))).toMatchObject({
        status: 500,
        errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
        message: expect.stringContaining('stream too large'),
      });
    });

    it.each(['{"id":', '[1]', '', '"text"'])('with 500 where a CloudEvent was announced and %j came', async (body) => {
      expect(await refusal(topic.publish(body))).toMatchObject({
        status: 500,
        errorCode: 'ERR_PUBSUB_CLOUD_EVENTS_SER',
        message: 'cannot create cloudevent',
      });
    });

    it('with 400 where rawPayload is not a boolean', async () => {
      expect(await refusal(topic.publish('{}', { query: 'metadata.rawPayload=maybe' }))).toMatchObject({
        status: 400,
        errorCode: 'ERR_PUBSUB_REQUEST_METADATA',
      });
    });
  });
}
