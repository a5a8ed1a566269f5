import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { APP_ID } from '../testing/appId.ts';
import { PUBSUB, resourceFolder } from '../testing/fixture.ts';
import { loadConfiguration } from './configuration.ts';

const ours = fileURLToPath(new URL('../../../dapr', import.meta.url));

function stateYaml(metadata: Readonly<Record<string, string>>, version = 'v2'): string {
  const items = Object.entries(metadata).map(([name, value]) => `{ name: ${name}, value: "${value}" }`);
  return `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: statestore }
spec: { type: state.postgresql, version: ${version}, metadata: [${items.join(', ')}] }
`;
}

async function stateComponent(metadata: Readonly<Record<string, string>>, version?: string) {
  const folder = await resourceFolder({ 'pubsub.yaml': PUBSUB, 'state.yaml': stateYaml(metadata, version) });
  const { stateComponents } = await loadConfiguration(folder, APP_ID, {});
  return stateComponents[0];
}

describe("the project's own resources", () => {
  it('are all served, and used to the full', async () => {
    const variables = { SMTP_HOST: 'smtp.example.com', SMTP_PORT: '587' };
    const { pubsubs, stateComponents, smtpComponents, warnings } = await loadConfiguration(ours, APP_ID, { variables });
    expect([[...pubsubs.keys()], stateComponents.map(({ name }) => name)]).toEqual([['taskevents'], ['statestore']]);
    expect(smtpComponents).toMatchObject([{ name: 'email', host: 'smtp.example.com', port: 587 }]);
    expect(warnings).toEqual([]);
  });

  it('are served without e-mail where no server is named, and that is said', async () => {
    const { smtpComponents, warnings } = await loadConfiguration(ours, APP_ID, {});
    expect(smtpComponents).toEqual([]);
    expect(warnings).toEqual(['the component email is left out: host and port fields are required in metadata']);
  });

  it('give an e-mail one try, within less time than who sends it waits', async () => {
    const { policyFor } = await loadConfiguration(ours, APP_ID, {});
    expect(policyFor('email', 'Binding', 'Outbound')).toEqual({ backOff: undefined, timeoutMs: 8_000 });
  });

  it('repeat no invocation, since not every request may be repeated', async () => {
    const { invocationPolicy } = await loadConfiguration(ours, APP_ID, {});
    expect(invocationPolicy).toEqual({ backOff: undefined, timeoutMs: undefined });
  });
});

describe('a state component', () => {
  it.each([
    [{}, 'state'],
    [{ tablePrefix: 'dapr_' }, 'dapr_state'],
    [{ tablePrefix: 'dapr.' }, 'dapr.state'],
  ])('with %j keeps its state in the table %s', async (metadata, table) => {
    expect((await stateComponent(metadata))?.table).toBe(table);
  });

  it('with a prefix that is no name is refused', async () => {
    await expect(stateComponent({ tablePrefix: 'a;drop table tasks;' })).rejects.toThrow('tablePrefix must be');
  });

  it('of another version is refused', async () => {
    await expect(stateComponent({}, 'v1')).rejects.toThrow('of state.postgresql only version v2 is served here');
  });

  it.each([
    [{}, `${APP_ID}||key`],
    [{ keyPrefix: 'name' }, 'statestore||key'],
    [{ keyPrefix: 'None' }, 'key'],
    [{ keyPrefix: 'namespace' }, `${APP_ID}||key`],
    [{ keyPrefix: 'shared' }, 'shared||key'],
  ])('with %j keeps it under %s', async (metadata, stored) => {
    expect((await stateComponent(metadata))?.storedKey('key', APP_ID)).toBe(stored);
  });

  it.each([
    [{}, 3_600_000],
    [{ cleanupInterval: '' }, 3_600_000],
    [{ cleanupInterval: '90s' }, 90_000],
    [{ cleanupInterval: '0' }, undefined],
  ])('with %j is cleaned every %s ms', async (metadata, interval) => {
    expect((await stateComponent(metadata))?.cleanupIntervalMs).toBe(interval);
  });
});
