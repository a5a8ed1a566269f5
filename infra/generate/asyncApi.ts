import { stringify } from 'yaml';
import * as z from 'zod';
import { catalogue, deadLetterTopic, type EventType, eventTypes } from '../../shared/events/catalogue.ts';
import { type CloudEvent, eventSchema } from '../../shared/events/event.ts';
import { type FunctionDefinition, isDeadLetter, isEvent } from '../../shared/runtime/defineFunction.ts';
import { collectSchemas } from './jsonSchema.ts';

const description = `What happens in the task service, as CloudEvents 1.0 in structured JSON on Kafka, through Dapr pub/sub. Order holds
per task, since the task's id is the key; an event may come more than once, with the same id. Fields are only ever
added: ignore those that you do not know. What no function could take comes to its topic's dead-letter topic.`;

const deadLetterDescription = 'What a function refused as unreadable, or failed on until the retries ended, as it was.';

/** Version of AsyncAPI's Kafka bindings. */
const BINDING_VERSION = '0.5.0';

/** Component name of the message that stands for whatever somebody else puts into a topic. */
const UNREADABLE = 'unreadable';

/** The AsyncAPI 3 document of every event: its topic and dead letters, and who sends and receives it. As YAML. */
export function asyncApi(definitions: readonly FunctionDefinition[], version: string): string {
  const document = {
    asyncapi: '3.1.0',
    info: { title: 'Evolution Todo', version, description },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      kafka: { host: '127.0.0.1:9092', protocol: 'kafka', description: 'The brokers that KAFKA_BROKERS names' },
    },
    channels: Object.fromEntries(eventTypes.flatMap((type) => [eventChannel(type), deadLetterChannel(type)])),
    operations: Object.fromEntries([...definitions.flatMap(sendings), ...definitions.flatMap(receivings)]),
    components: { messages: { ...Object.fromEntries(eventTypes.map(message)), [UNREADABLE]: unreadable } },
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function eventChannel(type: EventType): [string, object] {
  return channel(catalogue[type].topic, { messages: [type] });
}

function deadLetterChannel(type: EventType): [string, object] {
  return channel(deadLetterTopic(catalogue[type].topic), {
    description: deadLetterDescription,
    messages: [type, UNREADABLE],
  });
}

/** A channel goes by its topic. */
function channel(topic: string, { messages, ...rest }: { messages: string[]; description?: string }): [string, object] {
  const references = messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]);
  return [topic, { address: topic, ...rest, messages: Object.fromEntries(references) }];
}

function message(type: EventType): [string, object] {
  return [
    type,
    {
      name: type,
      title: type,
      payload: collectSchemas().output(envelopeSchema(type)),
      bindings: {
        kafka: {
          key: { type: 'string', format: 'uuid', description: 'The same as the subject.' },
          bindingVersion: BINDING_VERSION,
        },
      },
    },
  ];
}

const unreadable = {
  name: UNREADABLE,
  title: 'Unreadable',
  summary: 'Something that is no event of the topic: JSON or not, with any key or none.',
  contentType: 'application/octet-stream',
  payload: {},
};

function sendings({ name, emits = [] }: FunctionDefinition): [string, object][] {
  return emits.map((type) => operation({ name, action: 'send', topic: catalogue[type].topic, messages: [type] }));
}

function receivings(definition: FunctionDefinition): [string, object][] {
  const { name, summary } = definition;
  if (isEvent(definition)) {
    const type = definition.trigger.event;
    return [operation({ name, summary, action: 'receive', topic: catalogue[type].topic, messages: [type] })];
  }
  if (!isDeadLetter(definition)) return [];
  return eventTypes.map((type) => {
    const topic = deadLetterTopic(catalogue[type].topic);
    return operation({ name, summary, action: 'receive', topic, messages: [type, UNREADABLE] });
  });
}

interface Operation {
  /** Of the function. */
  name: string;
  summary?: string;
  action: 'send' | 'receive';
  topic: string;
  messages: string[];
}

function operation({ name, action, topic, messages, ...rest }: Operation): [string, object] {
  const channelReference = `#/channels/${topic}`;
  return [
    `${name}.${action}.${topic}`,
    {
      action,
      ...rest,
      channel: { $ref: channelReference },
      messages: messages.map((message) => ({ $ref: `${channelReference}/messages/${message}` })),
    },
  ];
}

/** A whole CloudEvent, as `toCloudEvent` makes it. */
function envelopeSchema(type: EventType) {
  return z.object({
    specversion: z.literal('1.0'),
    id: z.uuid().describe('The same as data.event_id: by it a second delivery is known.'),
    type: z.literal(type),
    source: z.string().describe('/evolution-todo/<function>'),
    subject: z.uuid().describe('What it is about, as data.task_id: the task, or the delivery that is due.'),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    tracecontext: z.string().exactOptional().describe('W3C traceparent of the work that wrote it.'),
    data: eventSchema(type),
  } satisfies Record<keyof CloudEvent, z.core.$ZodType>);
}
