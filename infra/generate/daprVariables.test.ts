import { expect, test } from 'vitest';
import { daprVariables } from './daprVariables.ts';

const component = (metadata: string, ignoreErrors = false) =>
  `kind: Component\nmetadata: { name: x }\nspec: { type: t, ignoreErrors: ${ignoreErrors}, metadata: [${metadata}] }\n`;

test('every variable is found once, in any document of any file, and whether it is read by way of a secret store', () => {
  const files = [
    `${component('{ name: brokers, envRef: KAFKA_BROKERS }')}---\n${component('{ name: a, envRef: KAFKA_BROKERS }')}`,
    component('{ name: password, secretKeyRef: { name: SMTP_PASSWORD, key: SMTP_PASSWORD } }, { name: p, value: "1" }'),
    'kind: Subscription\nspec: { topic: t }\n',
  ];
  expect(daprVariables(files)).toEqual([
    { name: 'KAFKA_BROKERS', optional: false },
    { name: 'SMTP_PASSWORD', optional: false },
  ]);
});

test('a variable is optional only where every component that reads it may fail', () => {
  const lax = component('{ name: url, envRef: DATABASE_URL }', true);
  const strict = component('{ name: url, envRef: DATABASE_URL }');
  expect(daprVariables([lax])).toEqual([{ name: 'DATABASE_URL', optional: true }]);
  expect(daprVariables([lax, strict, lax])).toEqual([{ name: 'DATABASE_URL', optional: false }]);
});
