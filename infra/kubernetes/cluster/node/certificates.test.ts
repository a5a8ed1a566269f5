import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { API_SERVICE_ADDRESS, NODE_ADDRESS } from '../names.ts';
import { createCertificates } from './certificates.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  await createCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (name: string) => new X509Certificate(await readFile(join(folder, `${name}.crt`)));

it('signs the API server for the names and addresses under which it is called', async () => {
  const [authority, api] = [await read('ca'), await read('api')];
  expect(authority.ca).toBe(true);
  expect(api.ca).toBe(false);
  expect(api.verify(authority.publicKey)).toBe(true);
  for (const address of [NODE_ADDRESS, API_SERVICE_ADDRESS]) expect(api.checkIP(address)).toBe(address);
  expect(api.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
  expect(api.checkHost('example.com')).toBeUndefined();
});

it('signs a client of the kubelet, with a number of its own', async () => {
  const [authority, api, kubelet] = [await read('ca'), await read('api'), await read('kubelet')];
  expect(kubelet.verify(authority.publicKey)).toBe(true);
  expect(kubelet.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(kubelet.serialNumber).not.toBe(api.serialNumber);
});

it('lets nobody else read the keys', async () => {
  for (const name of ['ca', 'api', 'kubelet', 'accounts']) {
    expect((await stat(join(folder, `${name}.key`))).mode & 0o777).toBe(0o600);
  }
});
