import { NeonDbError } from '@neondatabase/serverless';
import { expect, test } from 'vitest';
import { DomainError } from '../domain/errors.ts';
import { failureReason } from './failureReason.ts';

test('a refusal gives its reason in its own words', () => {
  expect(failureReason(new DomainError('conflict', 'It changed.'))).toBe('It changed.');
});

test('any other failure gives names and codes, and nothing that could quote a payload', () => {
  const refused = Object.assign(new NeonDbError('invalid input: "secret"'), { code: '22P02' });
  expect(failureReason(refused)).toBe('NeonDbError 22P02');

  const connection = Object.assign(new Error('connect to secret'), { code: 'ECONNREFUSED' });
  const away = Object.assign(new NeonDbError('secret'), {
    sourceError: new TypeError('secret', { cause: connection }),
  });
  expect(failureReason(away)).toBe('NeonDbError <- TypeError <- Error ECONNREFUSED');

  expect(failureReason('secret')).toBe('something that is no error');
});

test('causes that go in a circle end', () => {
  const error = new Error('one');
  error.cause = error;
  expect(failureReason(error)).toBe('Error <- Error <- Error <- Error <- Error');
});
