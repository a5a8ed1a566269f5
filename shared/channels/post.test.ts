import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Receiver, respondWith, startReceiver } from '../../infra/testing/receiver.ts';
import { PostError, type PostOptions, post } from './post.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const limits = { connectMs: 300, totalMs: 600 };
const send = (url = receiver.url, options: Partial<PostOptions> = {}) =>
  post(new URL(url), { headers: { 'x-what': 'this' }, body: '{"é":1}', allowPrivate: true, limits, ...options });
const portOf = (url: string) => new URL(url).port;

test('the body and the headers arrive, and the status comes back', async () => {
  receiver.answer = respondWith(202);
  expect(await send()).toBe(202);
  expect(receiver.received).toMatchObject([{ body: '{"é":1}', headers: { 'x-what': 'this', 'content-length': '8' } }]);
});

// Cap-go/capgo.app#2200: a name was looked up once for the check, and again for the request.
test('a name is resolved once, and its address is the one that is connected to', async () => {
  const resolve = vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]);
  expect(await send(`http://hooks.example.org:${portOf(receiver.url)}/`, { resolve })).toBe(204);
  expect(resolve.mock.calls).toEqual([['hooks.example.org']]);
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example.org:${portOf(receiver.url)}`);
});

describe('without leave for private addresses', () => {
  const careful = { allowPrivate: false };

  test.each(['https://127.0.0.1', 'https://[::1]', 'https://169.254.169.254', 'https://2130706433', 'https://0x7f.1'])(
    '%s is refused',
    async (url) => {
      await expect(send(`${url}:${portOf(receiver.url)}/`, careful)).rejects.toThrow('not public');
      expect(receiver.received).toEqual([]);
    },
  );

  // spupuz/VibeNVR#297: only the first address of a name was looked at.
  test.each([
    ['a private one', ['127.0.0.1']],
    ['a public and a private one', ['93.184.216.34', '10.0.0.1']],
    ['one of IPv6 that stands for a private one', ['::ffff:127.0.0.1']],
    ['one behind NAT64', ['64:ff9b::a00:1']],
  ])('a name with %s is refused, and nothing is connected to', async (_what, addresses) => {
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const url = `https://hooks.example.org:${portOf(receiver.url)}/`;
    await expect(send(url, { ...careful, resolve })).rejects.toThrow('not public');
    expect(await receiver.connections()).toBe(0);
  });

  test('a name that this machine resolves to itself is refused', async () => {
    await expect(send(`https://localhost:${portOf(receiver.url)}/`, careful)).rejects.toThrow(PostError);
    expect(await receiver.connections()).toBe(0);
  });

  test('http:// is refused', async () => {
    await expect(send('http://93.184.216.34/', careful)).rejects.toThrow('Not https');
  });
});

test('a redirect is an answer, and is not followed', async () => {
  const elsewhere = await startReceiver();
  receiver.answer = respondWith(307, { location: elsewhere.url });
  expect(await send()).toBe(307);
  expect(elsewhere.received).toEqual([]);
  await elsewhere.close();
});

test('of an endless answer so much is read as is allowed, and the connection is closed', async () => {
  let written = 0;
  receiver.answer = (response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && written < 50_000_000 && response.write(Buffer.alloc(16_384))) written += 16_384;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  expect(await send()).toBe(200);
  await vi.waitFor(async () => expect(await receiver.connections()).toBe(0));
  expect(written).toBeLessThan(20_000_000);
});

test('an answer whose body trickles or is cut off counts by its status', async () => {
  receiver.answer = (response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(drip));
  };
  expect(await send()).toBe(200);
  receiver.answer = (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('cut', () => response.destroy());
  };
  expect(await send()).toBe(200);
});

test('an answer that does not come ends with the limit of time', async () => {
  receiver.answer = () => {};
  await expect(send()).rejects.toThrow('No answer within 600 ms');
  await vi.waitFor(async () => expect(await receiver.connections()).toBe(0));
});

describe('a server that does not speak HTTP', () => {
  let server: Server;
  let onConnection: (socket: Socket) => void;
  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => server.close());
  const address = (protocol: string) => `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  test.each(['http', 'https'])('closes the connection: %s', async (protocol) => {
    onConnection = (socket) => socket.destroy();
    await expect(send(address(protocol))).rejects.toThrow('closed without an answer');
  });

  test('says nothing where TLS should begin', async () => {
    onConnection = () => {};
    await expect(send(address('https'))).rejects.toThrow('No connection within 300 ms');
  });

  test.each(['\0\0\0', 'HTTP/1.1 abc\r\n\r\n', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`])(
    'answers something else (%#)',
    async (text) => {
      onConnection = (socket) => socket.write(text);
      await expect(send(address('http'))).rejects.toThrow('The request failed: HPE_');
    },
  );
});

test('a host without an address, and one that nobody listens on, are told of in words', async () => {
  const unknown = async () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  };
  await expect(send('https://nowhere.example.org/', { resolve: unknown })).rejects.toThrow('The host has no address.');
  await expect(send('https://nowhere.example.org/', { resolve: async () => [] })).rejects.toThrow('has no address');
  const { url } = receiver;
  await receiver.close();
  await expect(send(url)).rejects.toThrow('The connection was refused.');
  receiver = await startReceiver();
});

test('a resolver that never answers ends with the limit of time', async () => {
  const never = () => new Promise<never>(() => {});
  await expect(send('https://slow.example.org/', { resolve: never })).rejects.toThrow(/within (300|600) ms/);
});
