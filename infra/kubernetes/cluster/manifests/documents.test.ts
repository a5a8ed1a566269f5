import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { DNS_SERVICE_ADDRESS, NODE_ADDRESS, PUBLIC_DOMAIN } from '../names.ts';
import { inPortions, readManifests } from './documents.ts';

const own = fileURLToPath(new URL('./own', import.meta.url));
const imageOf = (name: string) => `dev.local/${name}:1.0`;

it('puts definitions before what they define, and drops what is only a comment', () => {
  const texts = ['# Copyright\n---\nkind: Service\n', 'kind: CustomResourceDefinition\n---\nkind: Deployment'];
  expect(inPortions(texts, imageOf)).toEqual({
    definitions: 'kind: CustomResourceDefinition',
    objects: 'kind: Service\n---\nkind: Deployment',
  });
});

it('names the images of programs', () => {
  const text = `kind: Deployment
image: ko://knative.dev/serving/cmd/activator
queue-sidecar-image: ko://knative.dev/serving/cmd/queue
image: dev.local/coredns
image: dev.local/other:2.0`;
  expect(inPortions([text], imageOf).objects).toBe(`kind: Deployment
image: dev.local/activator:1.0
queue-sidecar-image: dev.local/queue:1.0
image: dev.local/coredns:1.0
image: dev.local/other:2.0`);
});

it('gives the addresses of the cluster in its own manifests', async () => {
  const objects = parseAllDocuments(inPortions(await readManifests([own]), imageOf).objects).map((doc) => doc.toJS());
  const service = (name: string) => objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name);
  expect(service('kube-dns').spec.clusterIP).toBe(DNS_SERVICE_ADDRESS);
  expect(service('traefik').spec.externalIPs).toEqual([NODE_ADDRESS]);
  const domains = objects.find(({ metadata }) => metadata.name === 'config-domain');
  expect(Object.keys(domains.data)).toEqual([PUBLIC_DOMAIN]);
});

it('grants its own deployments named rights only', async () => {
  const text = await readFile(new URL('./own/traefik.yaml', import.meta.url), 'utf8');
  const coredns = await readFile(new URL('./own/coredns.yaml', import.meta.url), 'utf8');
  const roles = parseAllDocuments(`${text}\n---\n${coredns}`)
    .map((doc) => doc.toJS())
    .filter(({ kind }) => kind === 'ClusterRole');
  expect(roles.map(({ metadata }) => metadata.name).sort()).toEqual(['coredns', 'traefik']);
  for (const { apiGroups, resources, verbs } of roles.flatMap(({ rules }) => rules)) {
    expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
    expect(verbs).not.toContain('create');
  }
});
