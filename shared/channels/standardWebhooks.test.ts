import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { newSecret, signatureHeaders } from './standardWebhooks.ts';

test('a secret has the form and the length that the specification wants, and is a new one each time', () => {
  const secret = newSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSecret()).not.toBe(secret);
});

test('the signature of the specification’s reference implementation is made', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.json(), (id, body) => {
      const secret = newSecret();
      const now = new Date();
      const headers = signatureHeaders([secret], { id, now, body });
      expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, now, body));
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    }),
  );
});

test('with two secrets, a receiver that knows either is satisfied', () => {
  const secrets = [newSecret(), newSecret()];
  const headers = signatureHeaders(secrets, { id: 'msg', now: new Date(), body: '{}' });
  for (const secret of secrets) expect(() => new Webhook(secret).verify('{}', headers)).not.toThrow();
  expect(() => new Webhook(newSecret()).verify('{}', headers)).toThrow();
});

test('a body, an id or a time that was changed on the way is found out', () => {
  const secret = newSecret();
  const headers = signatureHeaders([secret], { id: 'msg', now: new Date(), body: '{"a":1}' });
  const verify = (body: string, changed = {}) => new Webhook(secret).verify(body, { ...headers, ...changed });
  expect(() => verify('{"a":2}')).toThrow();
  expect(() => verify('{"a":1}', { 'webhook-id': 'other' })).toThrow();
  const later = String(Number(headers['webhook-timestamp']) + 1);
  expect(() => verify('{"a":1}', { 'webhook-timestamp': later })).toThrow();
});
