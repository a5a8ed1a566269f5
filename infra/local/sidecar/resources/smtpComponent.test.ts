import { expect, it } from 'vitest';
import { componentSchema } from './schemas.ts';
import { createSmtpComponent } from './smtpComponent.ts';

function component(metadata: Record<string, string>, references: Record<string, string> = {}) {
  const values = Object.entries(metadata).map(([name, value]) => ({ name, value }));
  const envRefs = Object.entries(references).map(([name, envRef]) => ({ name, envRef }));
  const resource = {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'email' },
    spec: { type: 'bindings.smtp', version: 'v1', metadata: [...values, ...envRefs] },
  };
  return createSmtpComponent(componentSchema({ SMTP_USER: 'todo', SMTP_PASSWORD: 'secret' }).parse(resource));
}
const server = { host: 'smtp.example.com', port: '587' };

it('is made of values and of environment variables, whatever the case of their names', () => {
  const made = component({ HOST: server.host, Port: '587' }, { user: 'SMTP_USER', password: 'SMTP_PASSWORD' });
  expect(made).toMatchObject({ ...server, port: 587, login: { user: 'todo', pass: 'secret' } });
});

it('trusts no certificate unseen, unless it is told to', () => {
  expect(component(server)?.verifiesCertificate).toBe(true);
  expect(component({ ...server, skipTLSVerify: 'true' })?.verifiesCertificate).toBe(false);
});

it.each([
  [{ port: '587' }, 'host and port'],
  [{ host: 'smtp.example.com' }, 'host and port'],
  [{ ...server, port: 'many' }, 'host and port'],
  [{ ...server, user: 'todo' }, 'both user and password'],
  [{ ...server, password: 'secret' }, 'both user and password'],
])('cannot be made of %j', (metadata, message) => {
  expect(() => component(metadata)).toThrow(message);
});

it.each([
  ['output', true],
  ['Input, Output', true],
  ['', true],
  ['input', false],
])('with the direction %j: %s', (direction, isOutput) => {
  expect(component({ ...server, direction }) !== undefined).toBe(isOutput);
});
