import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailServer, type ReceivedMail, startMailServer } from '../../local/mail/mailServer.ts';
import type { Bench } from '../bench.ts';
import { cronFile, outboundPolicyFile, smtpFile } from '../resources.ts';
import type { Implementation } from '../subject.ts';
import { describeMailer } from './mailer.ts';

/** Whom the server refuses, by the local part of the address. */
const REFUSALS: Readonly<Record<string, string>> = {
  nobody: '550 5.1.1 there is no such user',
  busy: '451 4.3.2 come again later',
  outcast: '553 5.1.8 that sender is not known',
};
/** An address that is refused this often, and then taken. */
const RELUCTANT = { address: 'reluctant@example.com', refusals: 2 };
/** As Go words a reply. */
const quoted = (reply = '') => reply.replace(/ (.*)/, ' "$1"');
const LOGIN = { user: 'todo', password: 'se cret' };
const TO = 'alice@example.com';
const FROM = 'todo@example.com';

/** What the suite of output bindings is given beside the bench. */
export interface OutputBindingsOptions {
  /** Of the bench. */
  apiToken: string;
  implementation: () => Implementation;
}

/** Output bindings, by the one of SMTP: what is asked of them, and what e-mails come out. */
export function describeOutputBindings(bench: Bench, { apiToken, implementation }: OutputBindingsOptions): void {
  const mails: ReceivedMail[] = [];
  const silent = createServer();
  let server: MailServer;
  let guarded: MailServer;
  let encrypting: MailServer;

  beforeAll(async () => {
    let refused = 0;
    server = await startMailServer({
      port: 0,
      onMail: (mail) => mails.push(mail),
      refuse(_step, address) {
        if (address !== RELUCTANT.address) return REFUSALS[address.split('@')[0] ?? ''];
        refused += 1;
        return refused <= RELUCTANT.refusals ? REFUSALS.busy : undefined;
      },
    });
    guarded = await startMailServer({ port: 0, onMail: (mail) => mails.push(mail), login: LOGIN });
    encrypting = await startMailServer({ port: 0, onMail: (mail) => mails.push(mail), offersTls: true });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const at = { host: '127.0.0.1', port: String(server.port), emailFrom: FROM };
    const components = {
      email: { ...at, direction: 'output' },
      'email-retried': { ...at, user: 'unused', password: 'unused' },
      // Of their own for what stays in daprd, and the mailer's tests must not find in theirs.
      'email-copied': at,
      'email-sender': at,
      'email-login': { ...at, port: String(guarded.port), ...LOGIN },
      'email-wrong-login': { ...at, port: String(guarded.port), ...LOGIN, password: 'wrong' },
      'email-tls': { ...at, port: String(encrypting.port) },
      'email-unverified': { ...at, port: String(encrypting.port), skipTLSVerify: 'true' },
      'email-limited': { ...at, port: String((silent.address() as AddressInfo).port) },
      'without-recipient': at,
      'without-subject': at,
      unset: { emailFrom: FROM },
      inward: { ...at, direction: 'input' },
      defaults: { ...at, emailTo: 'bob@example.com', subject: 'By default', priority: '5' },
    };
    for (const [name, metadata] of Object.entries(components)) bench.file(`${name}.yaml`, smtpFile(name, metadata));
    bench.file('ticking.yaml', cronFile('ticking', { schedule: '@every 1h', direction: 'input' }));
    bench.file(
      'outbound.yaml',
      outboundPolicyFile('outbound', { 'email-retried': { retry: 'soon' }, 'email-limited': { timeout: 'brief' } }),
    );
  });
  afterAll(async () => {
    silent.close();
    await server.close();
    await guarded.close();
    await encrypting.close();
  });

  const invoke = (binding: string, body: object | string, method = 'POST') =>
    bench.request(`/v1.0/bindings/${binding}`, {
      method,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  async function refusal(binding: string, body: object | string): Promise<object> {
    const answer = await invoke(binding, body);
    return { status: answer.status, ...((await answer.json()) as object) };
  }
  const failed = (binding: string, reason: string | RegExp) => ({
    status: 500,
    errorCode: 'ERR_INVOKE_OUTPUT_BINDING',
    message:
      typeof reason === 'string'
        ? `error invoking output binding ${binding}: ${reason}`
        : expect.stringMatching(new RegExp(`^error invoking output binding ${binding}: ${reason.source}`)),
  });
  const sendingFailed = (reason: string) => new RegExp(`error from smtp binding, sending email failed: ${reason}`);

  const email = (metadata: Readonly<Record<string, string>> = {}, data: unknown = 'Hello.') => ({
    operation: 'create',
    metadata: { emailTo: TO, subject: 'A subject', ...metadata },
    data,
  });
  /** Sends an e-mail and gives what came of it. */
  async function sent(body: object, binding = 'email'): Promise<ReceivedMail> {
    const earlier = mails.length;
    const answer = await invoke(binding, body);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(mails).toHaveLength(earlier + 1);
    return mails[earlier] as ReceivedMail;
  }
  const bodyOf = ({ content }: ReceivedMail) => (content.html || '').trimEnd();

  describe('an output binding', () => {
    it.each(['POST', 'PUT'])('is invoked by %s, and answers 204 without a body', async (method) => {
      const answer = await invoke('email', email(), method);
      expect([answer.status, await answer.text()]).toEqual([204, '']);
    });

    it.each([
      ['is not there', 'missing', "couldn't find output binding missing"],
      ['goes inwards only', 'inward', "couldn't find output binding inward"],
      ['is a cron binding', 'ticking', "couldn't find output binding ticking"],
      ['could not be set up, and is to be ignored then', 'unset', "couldn't find output binding unset"],
    ])('is 500 where it %s', async (_why, name, reason) => {
      expect(await refusal(name, email())).toMatchObject(failed(name, reason));
    });

    it('is 500 without an operation, be it there or not', async () => {
      const reason = 'operation field is missing from request';
      expect(await refusal('email', { data: 'x' })).toMatchObject(failed('email', reason));
      expect(await refusal('missing', 'null')).toMatchObject(failed('missing', reason));
    });

    it('is 500 for an operation that it does not have', async () => {
      const reason = 'binding email does not support operation get. supported operations:create';
      expect(await refusal('email', { ...email(), operation: 'get' })).toMatchObject(failed('email', reason));
    });

    it.each([
      ['nothing', ''],
      ['half an object', '{"operation":'],
      ['a list', '[]'],
      ['metadata that is no text', '{"operation":"create","metadata":{"priority":1}}'],
    ])('is 400 for %s', async (_what, body) => {
      expect(await refusal('email', body)).toMatchObject({
        status: 400,
        errorCode: 'ERR_MALFORMED_REQUEST',
        message: expect.stringMatching(/^failed deserializing HTTP body: /),
      });
    });

    it('is 400 for more than 4 MiB', async () => {
      expect(await refusal('email', email({}, 'x'.repeat(5 * 1024 * 1024)))).toMatchObject({
        status: 400,
        errorCode: 'ERR_MALFORMED_REQUEST',
      });
    });

    it('is told of in the metadata', async () => {
      const { components } = (await (await bench.request('/v1.0/metadata')).json()) as { components: object[] };
      const described = { name: 'email', type: 'bindings.smtp', version: 'v1', capabilities: ['OUTPUT_BINDING'] };
      expect(components).toContainEqual(described);
    });
  });

  describe('a policy for what goes out', () => {
    it('repeats what failed', async () => {
      await sent(email({ emailTo: RELUCTANT.address }), 'email-retried');
    });

    it('gives up what takes too long', async () => {
      const startedAt = performance.now();
      const reason = 'context deadline exceeded';
      expect(await refusal('email-limited', email())).toMatchObject(failed('email-limited', reason));
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    });
  });

  describe('an e-mail', () => {
    it('comes from whom the component names, to whom the request names', async () => {
      const mail = await sent(email());
      expect([mail.sender, mail.recipients]).toEqual([FROM, [TO]]);
      expect(mail.content).toMatchObject({ subject: 'A subject', from: { text: FROM }, to: { text: TO } });
    });

    it('has what the component says where the request does not', async () => {
      const mail = await sent({ operation: 'create', data: 'x' }, 'defaults');
      expect(mail.recipients).toEqual(['bob@example.com']);
      expect(mail.content.subject).toBe('By default');
      expect(mail.raw).toMatch(/^X-Priority: 5\r$/im);
    });

    it('goes to several, parted by semicolons, of whom it does not name all', async () => {
      const [to, cc, bcc] = ['a@example.com; b@example.com', 'c@example.com', 'dave@hidden.example'];
      const mail = await sent(email({ emailTo: to, emailCC: cc, emailBCC: bcc }), 'email-retried');
      expect(mail.recipients).toEqual(['a@example.com', 'b@example.com', cc, bcc]);
      expect(mail.content).toMatchObject({ to: { text: 'a@example.com, b@example.com' }, cc: { text: cc } });
      expect(mail.raw).not.toContain(bcc);
    });

    it('has a sender with a name where that is in ASCII', async () => {
      const { content, sender } = await sent(email({ emailFrom: `Evolution Todo <${FROM}>` }), 'email-sender');
      expect([sender, content.from?.text]).toEqual([FROM, `"Evolution Todo" <${FROM}>`]);
    });

    it('keeps every character of subject and text, which is HTML', async () => {
      const subject = 'Zahnarzt für Jörg 🦷: “um 9”, и не позже';
      const text = '<p>Grüße &amp; 🦷 "quoted" \\n \'x\'</p>\n.\n..two dots\n=3D=20\u2028end';
      const mail = await sent(email({ subject }, text));
      expect([mail.content.subject, bodyOf(mail)]).toEqual([subject, text]);
      expect(mail.content.headers.get('content-type')).toMatchObject({
        value: 'text/html',
        params: { charset: /utf-8/i },
      });
    });

    it('keeps a long subject', async () => {
      const subject = `${'many words '.repeat(40)}end`;
      expect((await sent(email({ subject }))).content.subject).toBe(subject);
    });

    it.each([
      ['an object', { b: '<i>', a: [1, null] }, '{"a":[1,null],"b":"\\u003ci\\u003e"}'],
      ['a number', 1.5, '1.5'],
      ['nothing', undefined, 'null'],
    ])('of %s is its JSON', async (_what, data, text) => {
      expect(bodyOf(await sent({ ...email(), data }))).toBe(text);
    });

    // To a component of its own for each: daprd takes what it lacks from earlier requests.
    it.each([
      ['emailTo', 'without-recipient', { subject: 'A subject' }],
      ['subject', 'without-subject', { emailTo: TO }],
    ])('needs %s', async (item, binding, metadata) => {
      const reason = `smtp binding error: ${item} property not supplied in configuration- or request-metadata`;
      expect(await refusal(binding, { operation: 'create', metadata })).toMatchObject(failed(binding, reason));
    });

    it.each(['0', '6', 'high'])('has no priority of %s', async (priority) => {
      expect(await refusal('email-limited', email({ priority }))).toMatchObject(
        failed('email-limited', /.*(priority value|Atoi)/),
      );
    });
  });

  describe('an e-mail that the server refuses', () => {
    it.each([
      ['for good, since nobody has the address', { emailTo: 'nobody@example.com' }, REFUSALS.nobody],
      ['for now', { emailTo: 'busy@example.com' }, REFUSALS.busy],
      ['because of its sender', { emailFrom: 'outcast@example.com' }, REFUSALS.outcast],
    ])('%s is 500 with its reply', async (_why, metadata, reply) => {
      const reason = sendingFailed(`gomail: could not send email 1: ${quoted(reply)}$`);
      const request = email({ emailFrom: FROM, ...metadata });
      expect(await refusal('email-sender', request)).toMatchObject(failed('email-sender', reason));
    });
  });

  describe('a server that wants a login', () => {
    it('takes e-mails with the one of the component', async () => {
      await sent(email(), 'email-login');
    });

    it('refuses a wrong one, which is said of no e-mail', async () => {
      const reason = sendingFailed('535 "5.7.8 Authentication credentials invalid"$');
      expect(await refusal('email-wrong-login', email())).toMatchObject(failed('email-wrong-login', reason));
    });
  });

  describe('a server that offers TLS', () => {
    it('gets no e-mail where its certificate is not trusted', async () => {
      const earlier = mails.length;
      expect(await refusal('email-tls', email())).toMatchObject(failed('email-tls', sendingFailed('.*certificate')));
      expect(mails).toHaveLength(earlier);
    });

    it('gets it where that is not to be looked at', async () => {
      await sent(email(), 'email-unverified');
    });
  });

  // A fault of daprd's, for which the mailer sends one at a time and names no further recipients.
  it('what one e-mail says stays in daprd for the next, and in the embedded sidecar does not', async () => {
    await sent(email({ emailCC: 'carol@example.com' }), 'email-copied');
    const { recipients } = await sent(email(), 'email-copied');
    expect(recipients.includes('carol@example.com')).toBe(implementation().keepsEmailMetadata);
  });

  describeMailer(bench, { mails, apiToken });

  describe('an address', () => {
    it.each([
      'nobody in particular',
      'a@example.com, b@example.com',
      'a@example.com;;b@example.com',
      `${TO}\r\nBcc: mallory@example.com`,
      `${TO}>\r\nRCPT TO:<mallory@example.com`,
    ])('%j is none, and gets no e-mail', async (emailTo) => {
      const earlier = mails.length;
      const reason = sendingFailed('gomail: could not send email 1: gomail: invalid address ');
      expect(await refusal('email', email({ emailTo }))).toMatchObject(failed('email', reason));
      expect(mails).toHaveLength(earlier);
    });
  });

  describe('a line break in a subject', () => {
    it.each(['\r\n', '\n', '\r'])('%j begins no further header', async (lineBreak) => {
      const subject = `Hello${lineBreak}Bcc: mallory@example.com${lineBreak}X-Evil: yes${lineBreak}${lineBreak}Evil`;
      const mail = await sent(email({ subject }));
      expect(mail.recipients).toEqual([TO]);
      expect([mail.content.headers.has('bcc'), mail.content.headers.has('x-evil')]).toEqual([false, false]);
      expect(bodyOf(mail)).toBe('Hello.');
    });
  });
}
