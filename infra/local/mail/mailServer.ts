import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** An e-mail that a server took. */
export interface ReceivedMail {
  /** Of the envelope. */
  sender: string;
  /** Of the envelope: those who get it, whatever its headers say. */
  recipients: string[];
  /** What it says. */
  content: ParsedMail;
  /** As it came: headers, an empty line, body. */
  raw: string;
}

/** At which of its steps an e-mail is: the sender's address, a recipient's, or the message itself. */
export type MailStep = 'sender' | 'recipient' | 'message';

export interface MailServerOptions {
  /** The address of this machine where it listens; left out, loopback. */
  host?: string;
  /** 0 takes a free one. */
  port: number;
  onMail(mail: ReceivedMail): void;
  /** The reply that an e-mail is refused with, such as `550 5.1.1 no such user`; `undefined` accepts. */
  refuse?(step: MailStep, address: string): string | undefined;
  /** Takes e-mails of this user only. */
  login?: { user: string; password: string };
  /** Offers TLS (STARTTLS), with a certificate that nobody trusts. */
  offersTls?: boolean;
}

export interface MailServer {
  port: number;
  close(): Promise<void>;
}

/** Starts an SMTP server that keeps its e-mails on this machine: none is passed on. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { host = '127.0.0.1', onMail, login, offersTls = false, refuse = () => undefined } = options;
  const verdict = (step: MailStep, address: string) => asError(refuse(step, address));
  const server = new SMTPServer({
    ...authentication(login),
    disabledCommands: [...(login ? [] : ['AUTH']), ...(offersTls ? [] : ['STARTTLS'])],
    closeTimeout: 0,
    disableReverseLookup: true,
    logger: false,
    onMailFrom: ({ address }, _session, done) => done(verdict('sender', address)),
    onRcptTo: ({ address }, _session, done) => done(verdict('recipient', address)),
    async onData(stream, { envelope }, done) {
      try {
        const raw = await buffer(stream);
        const refused = verdict('message', '');
        if (refused) return done(refused);
        const sender = envelope.mailFrom ? envelope.mailFrom.address : '';
        const recipients = envelope.rcptTo.map(({ address }) => address);
        onMail({ sender, recipients, content: await simpleParser(raw), raw: raw.toString('utf8') });
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // A client that breaks off is no fault of the server's.
  server.on('error', () => {});
  const listening = server.listen(options.port, host) as Server;
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function authentication(login: MailServerOptions['login']): SMTPServerOptions {
  if (!login) return {};
  return {
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === login.user && password === login.password) return done(null, { user: username });
      done(asError('535 5.7.8 Authentication credentials invalid'));
    },
  };
}

/** As the library takes a refusal. */
function asError(reply: string | undefined): Error | null {
  if (reply === undefined) return null;
  const [code = '', ...words] = reply.split(' ');
  return Object.assign(new Error(words.join(' ')), { responseCode: Number(code) });
}
