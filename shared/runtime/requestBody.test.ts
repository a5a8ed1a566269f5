import { expect, test } from 'vitest';
import { readJson } from './requestBody.ts';

const options = { contentTypes: ['application/json'], limit: 1024 };

function read(body: RequestInit['body'], headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const request = new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
  return readJson(request, options);
}

/** A body that announces no length, in pieces of 100 bytes. */
function stream(pieces: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent === pieces) return controller.close();
      sent += 1;
      controller.enqueue(new TextEncoder().encode(' '.repeat(100)));
    },
  });
}

test('a JSON body is read, whatever parameters its content type has', async () => {
  expect(await read('{"a":"ä"}')).toEqual({ a: 'ä' });
  expect(await read('[1]', { 'content-type': 'Application/JSON; charset=utf-8' })).toEqual([1]);
});

test.each([
  ['no JSON', '{"a":', 'malformed'],
  ['nothing at all', '', 'malformed'],
  ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'malformed'],
  ['more than the limit', `"${'a'.repeat(1024)}"`, 'too_large'],
  ['more than the limit without saying so', stream(20), 'too_large'],
])('a body that is %s is refused as %s', async (_what, body, code) => {
  await expect(read(body)).rejects.toMatchObject({ name: 'DomainError', code });
});

test.each([undefined, 'text/plain', 'application/jsonp', 'application/x-www-form-urlencoded'])(
  'content type %s is refused',
  async (contentType) => {
    const headers = contentType ? { 'content-type': contentType } : {};
    await expect(read(new TextEncoder().encode('{}'), headers as Record<string, string>)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    });
  },
);

test('a deeply nested body is read within milliseconds, and does not overflow the stack', async () => {
  await expect(read('['.repeat(500) + ']'.repeat(500))).resolves.toBeInstanceOf(Array);
});
