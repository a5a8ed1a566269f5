import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveByDns, resolveHere } from './resolve.ts';

/** A name server on loopback, and how it answers a query (RFC 1035, section 4.1); it says nothing where that is nothing. */
let server: Socket;
let answer: (query: Buffer, isIpv4: boolean) => Buffer | undefined;
beforeEach(async () => {
  server = createSocket('udp4', (query, { port, address }) => {
    const type = query.readUInt16BE(query.indexOf(0, 12) + 1);
    const reply = answer(query, type === A);
    if (reply) server.send(reply, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const A = 1;
const NO_SUCH_NAME = 3;
const resolve = (hostname: string) => resolveByDns(hostname, [`127.0.0.1:${server.address().port}`]);

/** A response to a query: with a code (4.1.1), and with addresses of IPv4. */
function response(query: Buffer, code: number, addresses: readonly string[] = []): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  for (const [offset, count] of [
    [4, 1],
    [6, addresses.length],
    [8, 0],
    [10, 0],
  ] as const)
    header.writeUInt16BE(count, offset);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, question, ...records]);
}

test('every address of a name is found', async () => {
  answer = (query, isIpv4) => response(query, 0, isIpv4 ? ['93.184.216.34', '10.0.0.1'] : []);
  expect(await resolve('hooks.example.org')).toEqual([
    { address: '93.184.216.34', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]);
});

test('a name that there is not, and one without addresses, have none', async () => {
  answer = (query) => response(query, NO_SUCH_NAME);
  expect(await resolve('nowhere.example.org')).toEqual([]);
  answer = (query) => response(query, 0);
  expect(await resolve('mail.example.org')).toEqual([]);
});

test('name servers that do not answer end in time, and hold up no other lookup', async () => {
  answer = () => undefined;
  const started = performance.now();
  // More than the threads that the operating system's lookups share.
  const stuck = Promise.allSettled(Array.from({ length: 8 }, (_, index) => resolve(`slow-${index}.example.org`)));
  await resolveHere('localhost');
  const meanwhile = performance.now() - started;
  const results = await stuck;
  const whole = performance.now() - started;
  expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
    Array(8).fill('ETIMEOUT'),
  );
  expect(meanwhile).toBeLessThan(whole / 2);
  expect(whole).toBeLessThan(8_000);
});
