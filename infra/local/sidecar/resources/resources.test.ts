import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PUBSUB, RESILIENCY, resourceFolder, subscriptionYaml } from '../testing/fixture.ts';
import { loadResources } from './resources.ts';

const APP = 'evolution-todo';

async function load(files: Readonly<Record<string, string>>) {
  return loadResources(await resourceFolder(files), APP);
}

describe('a folder of resources', () => {
  it('is read from .yaml and .yml files with one or more documents', async () => {
    const { components, subscriptions, resiliencies, warnings } = await load({
      'a.yaml': `${PUBSUB}---\n${subscriptionYaml('one')}---\n`,
      'b.yml': subscriptionYaml('two'),
      'c.yaml': RESILIENCY,
      'd.yaml': 'apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: { name: config }\nspec: {}\n',
      'empty.yaml': '',
      'notes.txt': 'kind: [broken',
    });
    expect(components.map(({ metadata }) => metadata.name)).toEqual(['taskevents']);
    expect(subscriptions.map(({ spec }) => spec.topic)).toEqual(['one', 'two']);
    expect(resiliencies).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('is read without its subfolders', async () => {
    const folder = await resourceFolder({ 'a.yaml': PUBSUB });
    await mkdir(join(folder, 'variants'));
    await writeFile(join(folder, 'variants', 'b.yaml'), PUBSUB);
    expect((await loadResources(folder, APP)).components).toHaveLength(1);
  });

  it('gives only what has no scopes or is scoped to the app', async () => {
    const { subscriptions } = await load({
      'a.yaml': `${subscriptionYaml('ours')}scopes: [${APP}, other]`,
      'b.yaml': `${subscriptionYaml('theirs')}scopes: [other]`,
      'c.yaml': `${subscriptionYaml('everybodys')}scopes: []`,
    });
    expect(subscriptions.map(({ spec }) => spec.topic)).toEqual(['ours', 'everybodys']);
  });

  it('ignores a Resiliency that is not alone in its file, as daprd does, but says so', async () => {
    const { resiliencies, warnings } = await load({ 'a.yaml': `${RESILIENCY}---\n${PUBSUB}` });
    expect(resiliencies).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/a\.yaml: a Resiliency that is not alone in its file is ignored/)]);
  });

  it('gives a warning for kinds that are not used', async () => {
    const { warnings } = await load({ 'a.yaml': 'kind: HTTPEndpoint' });
    expect(warnings).toEqual([expect.stringContaining('resources of kind HTTPEndpoint are not used here')]);
  });

  it('takes secret references and metadata of every scalar type', async () => {
    const yaml = PUBSUB.replace(
      'value: 20ms',
      'value: 20 }, { name: flag, value: true }, { name: s, secretKeyRef: { name: x, key: y }',
    );
    const { components } = await load({ 'a.yaml': yaml });
    expect([...(components[0]?.spec.metadata ?? [])]).toEqual([
      ['backOffDuration', '20'],
      ['flag', 'true'],
      ['s', ''],
    ]);
  });
});

describe('mistakes are all named, with their files:', () => {
  it('broken YAML, missing and wrong fields, names used twice', async () => {
    const loading = load({
      'a.yaml': 'kind: Component\n  broken: [',
      'b.yaml': 'apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {}\nspec: {}\n',
      'c.yaml': subscriptionYaml('t').replace('v2alpha1', 'v1alpha1'),
      'd.yaml': RESILIENCY.replace('10ms', 'soon').replace('constant', 'linear'),
      'e.yaml': 'just text',
      'f.yaml': PUBSUB,
      'g.yaml': PUBSUB,
    });
    const message = await loading.then(
      () => '',
      (error: Error) => error.message,
    );
    for (const expected of [
      /a\.yaml: /,
      /b\.yaml: Component: metadata\.name/,
      /b\.yaml: Component: spec\.type/,
      /c\.yaml: Subscription: apiVersion: only dapr\.io\/v2alpha1/,
      /d\.yaml: Resiliency: spec\.policies\.retries\.events\.duration: "soon" is not a duration/,
      /d\.yaml: Resiliency: spec\.policies\.retries\.events\.policy/,
      /e\.yaml: a document has no kind/,
      /the component name taskevents is used more than once/,
    ]) {
      expect(message).toMatch(expected);
    }
  });

  it('a folder that is not there', async () => {
    await expect(loadResources('/nowhere/at/all', APP)).rejects.toThrow('/nowhere/at/all');
  });
});
