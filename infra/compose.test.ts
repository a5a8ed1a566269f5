import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { allTopics } from '../shared/events/catalogue.ts';
import { readSettings, settingsSchema } from './local/settings.ts';
import { daprdArguments, daprdEnvironment } from './real/daprd/daprd.ts';
import { versions } from './real/go/daprProgram.ts';

// No container engine runs these tests. They hold what the containers' working together rests on.

const service = z.strictObject({
  image: z.string().optional(),
  build: z.strictObject({ context: z.literal('..'), dockerfile_inline: z.string() }).optional(),
  restart: z.literal('unless-stopped').optional(),
  init: z.boolean().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  configs: z.array(z.strictObject({ source: z.string(), target: z.string() })).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  stop_grace_period: z.string().optional(),
});
type Service = z.output<typeof service>;
const composeFile = z.strictObject({
  name: z.literal('evolution-todo'),
  services: z.strictObject({
    redpanda: service,
    topics: service,
    postgres: service,
    platform: service,
    daprd: service,
  }),
  configs: z.strictObject({ owner: z.strictObject({ content: z.string() }) }),
  volumes: z.record(z.string(), z.null()),
});

const SMTP_VARIABLES = ['SMTP_HOST', 'SMTP_PORT', 'SMTP_USER', 'SMTP_PASSWORD', 'SMTP_FROM'];

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const read = (relative: string) => readFile(pathOf(relative), 'utf8');

let text: string;
let compose: z.output<typeof composeFile>;
let redpanda: Service;
let topics: Service;
let postgres: Service;
let platform: Service;
let daprd: Service;
beforeAll(async () => {
  text = await read('compose.yaml');
  compose = composeFile.parse(parse(text));
  ({ redpanda, topics, postgres, platform, daprd } = compose.services);
});

/** Flags by name, whether their value follows after `=` or as an argument of its own. */
function flags(args: readonly string[]): Map<string, string | undefined> {
  const list = args.flatMap((argument) => argument.split(/=(.*)/s, 2));
  return new Map(
    list.flatMap((name, index) => {
      const next = list[index + 1];
      return name.startsWith('--') ? [[name, next?.startsWith('--') ? undefined : next] as const] : [];
    }),
  );
}

const mounts = ({ volumes }: Service) =>
  volumes.map((volume) => {
    const [source = '', target = '', mode] = volume.split(':');
    return { source, target, mode };
  });

/** As compose fills them in, each secret being its own name. */
function filledIn(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll(/\$\{(\w+)[^}]*\}/g, '$1')]),
  );
}

test('the topics are those of the catalogue', () => {
  expect(topics.command.slice(0, 2)).toEqual(['topic', 'create']);
  expect(topics.command.slice(2).filter((argument) => !argument.startsWith('--'))).toEqual(allTopics());
});

test('daprd is of the version that the tests run', async () => {
  const { dapr } = versions(await read('real/daprd/go.mod'));
  expect(daprd.image).toBe(`daprio/daprd:${dapr}`);
});

test('daprd starts as it does in the tests, but for where things are', () => {
  const tested = daprdArguments({
    ports: { http: 3500, grpc: 50001, internal: 50002 },
    appPort: readSettings({}).APP_PORT,
    resourcesPath: '/resources',
  });
  const elsewhere = new Map([
    ['--app-channel-address', 'platform'],
    ['--config', '/config.yaml'],
    ['--dapr-listen-addresses', '0.0.0.0'],
  ]);
  expect(flags(daprd.command)).toEqual(new Map([...flags(tested), ...elsewhere]));
});

test('daprd finds every variable that it is given in the tests, and that its components refer to', async () => {
  const tested = daprdEnvironment({
    brokers: 'redpanda:9092',
    databaseUrl: filledIn(platform.environment).DATABASE_URL ?? '',
    mail: Object.fromEntries(SMTP_VARIABLES.map((name) => [name, name])),
    apiToken: 'DAPR_API_TOKEN',
    appToken: 'APP_API_TOKEN',
  });
  expect(filledIn(daprd.environment)).toEqual(tested);

  const files = ['dapr/variants/redpanda/pubsub.yaml', 'dapr/statestore.yaml', 'dapr/email.yaml'];
  const components = (await Promise.all(files.map(read))).flatMap((text) => parseAllDocuments(text));
  const references = components.flatMap((component) => JSON.stringify(component.toJS()).match(/(?<="envRef":")\w+/g));
  expect(references).toEqual(['KAFKA_BROKERS', 'DATABASE_URL', ...SMTP_VARIABLES]);
});

test('daprd reads the resources of infra/dapr, with Redpanda’s component and the crons of those without a scheduler', () => {
  expect(mounts(daprd)).toEqual([
    { source: './dapr', target: '/resources', mode: 'ro' },
    { source: './dapr/variants/redpanda/pubsub.yaml', target: '/resources/pubsub.yaml', mode: 'ro' },
    { source: './dapr/variants/without-scheduler/cron.yaml', target: '/resources/cron.yaml', mode: 'ro' },
    { source: './real/daprd/config.yaml', target: '/config.yaml', mode: 'ro' },
  ]);
});

test('the platform is started as "npm start" starts it', async () => {
  const { scripts } = JSON.parse(await read('../package.json'));
  const command = /^CMD (.+)$/m.exec(platform.build?.dockerfile_inline ?? '')?.[1] ?? '[]';
  expect(JSON.parse(command)).toEqual(['node', '--import', ...scripts.start.split(' ')]);
});

test('the platform knows and accepts every setting that it is given', () => {
  const settings = filledIn(platform.environment);
  expect(Object.keys(settingsSchema.shape)).toEqual(expect.arrayContaining(Object.keys(settings)));
  expect(() => readSettings(settings)).not.toThrow();
});

test('each service is called by the name, port and tokens that it has', () => {
  const settings = readSettings(filledIn(platform.environment));
  expect(settings).toMatchObject({ GATEWAY_HOST: '0.0.0.0', DAPR_HTTP_ENDPOINT: 'http://daprd:3500' });
  const { DAPR_API_TOKEN, APP_API_TOKEN } = settings;
  expect(filledIn(daprd.environment)).toMatchObject({ DAPR_API_TOKEN, APP_API_TOKEN });

  const broker = flags(redpanda.command).get('--advertise-kafka-addr');
  expect(broker).toBe('redpanda:9092');
  expect([daprd.environment.KAFKA_BROKERS, flags(topics.command).get('--brokers')]).toEqual([broker, broker]);
});

test('the database has an owner who is no superuser, as whom the platform connects', () => {
  const { POSTGRES_PASSWORD, ...others } = filledIn(postgres.environment);
  // The image makes whoever it is told of a superuser.
  expect(others).toEqual({});
  expect(postgres.configs).toEqual([{ source: 'owner', target: '/docker-entrypoint-initdb.d/owner.sql' }]);

  const { username, password, host, pathname } = new URL(filledIn(platform.environment).DATABASE_URL ?? '');
  expect(host).toBe('postgres:5432');
  expect(filledIn(compose.configs.owner).content).toBe(
    `create role ${username} login createrole password '${password}';\n` +
      `create database ${pathname.slice(1)} owner ${username};\n`,
  );
  expect(password).toBe(POSTGRES_PASSWORD);
});

test('the API alone is opened, on loopback', () => {
  const { API_PORT } = readSettings(filledIn(platform.environment));
  const opened = Object.values(compose.services).flatMap(({ ports }) => ports);
  expect(opened).toEqual([`127.0.0.1:${API_PORT}:${API_PORT}`]);
});

test('no secret has a default, but for the login of an SMTP server, which there may not be', () => {
  const references = [...text.matchAll(/\$\{?(\w+)([^}]*)\}?/g)].filter(([, name = '']) => !name.startsWith('SMTP_'));
  const required = references.filter(([, , rest]) => rest?.startsWith(':?')).map(([, name]) => name);
  expect(required).toHaveLength(references.length);
  expect(new Set(required)).toEqual(new Set(['POSTGRES_PASSWORD', 'DAPR_API_TOKEN', 'APP_API_TOKEN']));
});

test('the broker keeps what it acknowledged, and makes no topic that is only used', () => {
  expect(flags(redpanda.command).get('--unsafe-bypass-fsync')).toBe('false');
  // rpk sees --set only as an argument of its own.
  const set = redpanda.command.filter((_, index) => redpanda.command[index - 1] === '--set');
  expect(set).toEqual(['redpanda.write_caching_default=false', 'redpanda.auto_create_topics_enabled=false']);
});

test('who waits for another’s health waits for one that is looked at, and for the end of one that ends', () => {
  for (const { depends_on } of Object.values(compose.services)) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const { healthcheck, restart } = service.parse(compose.services[name as keyof typeof compose.services]);
      const possible = healthcheck ? 'service_healthy' : restart ? undefined : 'service_completed_successfully';
      expect(condition, name).toBe(possible);
    }
  }
});

test('what is mounted and copied exists, and what is kept has a volume', async () => {
  const sources = Object.values(compose.services).flatMap((each) => mounts(each).map(({ source }) => source));
  const folders = sources.filter((source) => source.startsWith('./'));
  const copied = [...(platform.build?.dockerfile_inline ?? '').matchAll(/^COPY --\S+ (.+) \S+$/gm)]
    .flatMap(([, paths = '']) => paths.split(' '))
    .map((path) => `../${path}`);
  expect(copied).toEqual(expect.arrayContaining(['../functions', '../infra', '../scripts', '../shared']));
  for (const path of [...folders, ...copied]) await expect(access(pathOf(path)), path).resolves.toBeUndefined();

  const kept = sources.filter((source) => !source.startsWith('./'));
  expect(Object.keys(compose.volumes).sort()).toEqual(kept.sort());
});

test('the image is given neither the host’s modules nor its secrets', async () => {
  const ignored = (await read('../.dockerignore')).split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', 'dist', '.data', '**/.env']));
});
