import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../real/process/command.ts';
import { API_SERVICE_ADDRESS, NODE_ADDRESS } from '../names.ts';

/** A cluster is for a working day; one that is forgotten should not be a way in for ever. */
const VALID_DAYS = '30';

const addresses = [API_SERVICE_ADDRESS, NODE_ADDRESS, '127.0.0.1'].map((address) => `IP:${address}`);
const names = ['kubernetes.default.svc', 'kubernetes.default', 'localhost'].map((name) => `DNS:${name}`);

/**
 * Writes the keys and certificates of a cluster's own authority into a folder: `api` for the API server, `kubelet` for
 * it as a client of the kubelet, `accounts` for the tokens of service accounts.
 */
export async function createCertificates(folder: string): Promise<void> {
  const path = (name: string) => join(folder, name);
  const key = async (name: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(path(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await writeFile(path(`${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
  };
  const openssl = (...args: string[]) =>
    runCommand('openssl', args, { cwd: folder, install: 'install openssl (Debian: apt-get install openssl)' });
  const sign = async (name: string, subject: string, extensions: string) => {
    await key(name);
    await writeFile(path(`${name}.ext`), extensions);
    await openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-set_serial', `0x${randomBytes(16).toString('hex')}`];
    const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.crt`];
    await openssl('x509', '-req', '-days', VALID_DAYS, ...authority, ...files);
  };
  await Promise.all([key('ca'), key('accounts')]);
  await openssl('req', '-x509', '-days', VALID_DAYS, '-key', 'ca.key', '-subj', '/CN=evolution-todo', '-out', 'ca.crt');
  await Promise.all([
    sign(
      'api',
      '/CN=kube-apiserver',
      `subjectAltName=${[...names, ...addresses].join(',')}\nextendedKeyUsage=serverAuth`,
    ),
    sign('kubelet', '/O=system:masters/CN=kube-apiserver-kubelet-client', 'extendedKeyUsage=clientAuth'),
  ]);
}
