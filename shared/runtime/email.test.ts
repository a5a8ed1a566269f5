import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daprMailer } from './email.ts';

// How e-mails come out of a real sidecar is in infra/conformance/behaviours/mailer.ts.

interface Call {
  path: string;
  token: string | undefined;
  body: { operation: string; metadata: Record<string, string>; data: string };
}
interface Answer {
  status: number;
  body?: string;
}

/** A sidecar that answers as it is told, and remembers what it was asked. */
let server: Server;
let endpoint: string;
let calls: Call[];
let answer: (call: Call) => Promise<Answer> | Answer;
beforeEach(async () => {
  calls = [];
  answer = () => ({ status: 204 });
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const token = request.headers['dapr-api-token'] as string | undefined;
    const call = { path: request.url ?? '', token, body: JSON.parse(body) };
    calls.push(call);
    const { status, body: text } = await answer(call);
    response.writeHead(status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const mailer = (timeoutMs = 5_000) => daprMailer({ endpoint, apiToken: 'token', timeoutMs });
const email = { to: 'alice@example.com', subject: 'Pay rent', text: 'It is due.' };
const failure = (message: string): Answer => ({
  status: 500,
  body: JSON.stringify({
    errorCode: 'ERR_INVOKE_OUTPUT_BINDING',
    message: `error invoking output binding email: ${message}`,
  }),
});
const reply = (text: string) =>
  failure(`error from smtp binding, sending email failed: gomail: could not send email 1: ${text}`);

test('asks the binding, with the token, and names only whom it is to', async () => {
  expect(await mailer()(email)).toEqual({ outcome: 'sent' });
  expect(calls).toEqual([
    {
      path: '/v1.0/bindings/email',
      token: 'token',
      body: {
        operation: 'create',
        metadata: { emailTo: 'alice@example.com', subject: 'Pay rent' },
        data: expect.stringContaining('It is due.'),
      },
    },
  ]);
});

describe('without asking, refuses', () => {
  test.each([
    '',
    'alice',
    'alice@localhost',
    'alice@example.com;mallory@example.com',
    'alice@example.com, mallory@example.com',
    'Alice <alice@example.com>',
    '<alice@example.com>',
    '"a b"@example.com',
    'alice@example.com\r\nBcc: mallory@example.com',
    'alice@example.com\n',
    ' alice@example.com',
    'alice@[127.0.0.1]',
    'jörg@example.com',
    'alice@exämple.com',
    '=?utf-8?q?alice?=@example.com',
    'a..b@example.com',
    '.a@example.com',
    'alice@-example.com',
    `${'a'.repeat(65)}@example.com`,
    `alice@${'a.'.repeat(130)}com`,
    'alice(comment)@example.com',
  ])('the address %j', async (to) => {
    expect(await mailer()({ ...email, to })).toEqual({
      outcome: 'refused',
      reason: 'this is not the e-mail address of one person',
    });
    expect(calls).toEqual([]);
  });

  test.each(['', ' \r\n\t', '\0'])('the subject %j', async (subject) => {
    expect(await mailer()({ ...email, subject })).toEqual({ outcome: 'refused', reason: 'the subject is empty' });
    expect(calls).toEqual([]);
  });
});

describe('takes the address', () => {
  test.each([
    'a@b.io',
    "first.last+tag-1_x'y@mail.sub-domain.example.com",
    'alice@xn--exmple-cua.com',
    'alice@example.xn--p1ai',
    `${'a'.repeat(64)}@example.com`,
  ])('%s', async (to) => {
    expect(await mailer()({ ...email, to })).toEqual({ outcome: 'sent' });
    expect(calls[0]?.body.metadata.emailTo).toBe(to);
  });
});

describe('what the server replies to an e-mail decides', () => {
  test.each([
    ['550 "5.1.1 no such user"', 'refused'],
    ['550 5.1.1 no such user', 'refused'],
    ['501 "5.1.3 bad recipient address syntax"', 'refused'],
    ['552 "message too big"', 'refused'],
    ['554 "5.7.1\\nrelay access denied"', 'refused'],
    ['556 "5.1.10 the domain takes no mail"', 'refused'],
    ['421 "closing"', 'failed'],
    ['451 "4.3.2 later"', 'failed'],
    ['530 "5.7.0 log in first"', 'failed'],
    ['535 "5.7.8 wrong login"', 'failed'],
    ['503 "bad sequence"', 'failed'],
    ['553 "5.1.8 bad sender"', 'failed'],
    ['EOF', 'failed'],
  ])('%s: %s', async (text, outcome) => {
    answer = () => reply(text);
    expect(await mailer()(email)).toEqual({ outcome, reason: expect.stringContaining(text) });
  });

  test.each([
    ["couldn't find output binding email"],
    ['context deadline exceeded'],
    ['error from smtp binding, sending email failed: dial tcp 127.0.0.1:25: connect: connection refused'],
    ['error from smtp binding, sending email failed: 535 "5.7.8 wrong login"'],
    ['error from smtp binding, sending email failed: 554 "5.7.1 go away, you"'],
  ])('and what is no reply to it has failed: %s', async (text) => {
    answer = () => failure(text);
    expect(await mailer()(email)).toMatchObject({ outcome: 'failed' });
  });
});

describe('an e-mail has failed', () => {
  test.each([
    [401, 'invalid api token\n'],
    [400, '{"errorCode":"ERR_MALFORMED_REQUEST","message":"gomail: could not send email 1: 550 no"}'],
    [502, '<html>'],
    [302, ''],
  ])('where the sidecar answers %i', async (status, body) => {
    answer = () => ({ status, body });
    expect(await mailer()(email)).toEqual({
      outcome: 'failed',
      reason: expect.stringContaining(`the sidecar answered ${status}`),
    });
  });

  test('where there is no sidecar', async () => {
    const away = daprMailer({ endpoint: 'http://127.0.0.1:9', apiToken: 'token', timeoutMs: 1_000 });
    expect(await away(email)).toEqual({ outcome: 'failed', reason: expect.any(String) });
  });

  test('at the time limit, which holds for those that wait for their turn too', async () => {
    answer = () => new Promise(() => {});
    const send = mailer(300);
    const startedAt = performance.now();
    const outcomes = await Promise.all([send(email), send(email), send(email)]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const late = { outcome: 'failed', reason: 'no answer from the sidecar within 300 ms' };
    expect(outcomes).toEqual([late, late, late]);
    answer = () => ({ status: 204 });
    expect(await send(email)).toEqual({ outcome: 'sent' });
  });
});

test('e-mails are sent one at a time, in their order, those behind a failure too', async () => {
  let running = 0;
  let most = 0;
  answer = async ({ body }) => {
    running += 1;
    most = Math.max(most, running);
    await delay(5);
    running -= 1;
    return body.metadata.subject === '2' ? failure('no') : { status: 204 };
  };
  const send = mailer();
  const subjects = Array.from({ length: 10 }, (_, index) => String(index));
  const outcomes = await Promise.all(subjects.map((subject) => send({ ...email, subject })));
  expect(most).toBe(1);
  expect(calls.map(({ body }) => body.metadata.subject)).toEqual(subjects);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(
    subjects.map((subject) => (subject === '2' ? 'failed' : 'sent')),
  );
});

test('what is too long is cut, between characters', async () => {
  await mailer()({ ...email, subject: '🦷'.repeat(150), text: `${'x'.repeat(19_998)}🦷🦷` });
  expect(calls[0]?.body.metadata.subject).toBe(`${'🦷'.repeat(99)}…`);
  expect(calls[0]?.body.data).toContain(`>${'x'.repeat(19_998)}…<`);
});

test('a text becomes HTML that says the same', async () => {
  await mailer()({ ...email, text: 'a <b>&amp;</b>\r\n"x" \'y\'\0\u0007\ttab\ud800' });
  expect(calls[0]?.body.data).toContain('a &#60;b&#62;&#38;amp;&#60;/b&#62;<br>&#34;x&#34; &#39;y&#39;\ttab\ufffd');
});
