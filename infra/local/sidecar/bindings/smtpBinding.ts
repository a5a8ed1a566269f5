import { createTransport } from 'nodemailer';
import { EMAIL_METADATA, type SmtpComponent } from '../resources/smtpComponent.ts';
import { goJson } from './goJson.ts';
import type { BindingRequest, OutputBinding } from './outputBinding.ts';

/** The binding that sends an e-mail, each over a connection of its own, as Dapr's does. */
export function createSmtpBinding(component: SmtpComponent): OutputBinding {
  const { name, host, port, login, verifiesCertificate, defaults } = component;
  const transport = createTransport({
    host,
    port,
    secure: port === SMTPS_PORT,
    ...(login && { auth: login }),
    // Go's client does not tell a password over the network in clear text either.
    requireTLS: login !== undefined && !LOOPBACK.has(host),
    tls: { rejectUnauthorized: verifiesCertificate },
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name,
    type: 'bindings.smtp',
    operations: ['create'],
    async invoke(request, signal) {
      const email = composeEmail(request, defaults);
      try {
        const { rejectedErrors: [refusal] = [] } = await transport.sendMail({ ...email, ...(signal && { signal }) });
        if (refusal) throw refusal;
      } catch (error) {
        signal?.throwIfAborted();
        throw new Error(`error from smtp binding, sending email failed: ${describeFailure(error as SmtpError)}`);
      }
    },
  };
}

/** Of SMTP over TLS from the start; elsewhere TLS is begun where the server offers it. */
const SMTPS_PORT = 465;
const CONNECTION_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

function composeEmail({ data, metadata }: BindingRequest, defaults: ReadonlyMap<string, string>) {
  const { emailFrom, emailTo, emailCC, emailBCC, subject, priority } = Object.fromEntries(
    EMAIL_METADATA.map((item) => [item, metadata.get(item) || defaults.get(item) || '']),
  ) as Record<(typeof EMAIL_METADATA)[number], string>;
  const level = parsePriority(priority);
  for (const [item, value] of Object.entries({ emailFrom, emailTo, subject })) {
    if (!value) {
      throw new Error(`smtp binding error: ${item} property not supplied in configuration- or request-metadata`);
    }
  }
  return {
    from: parseAddress(emailFrom),
    to: parseAddresses(emailTo),
    cc: parseAddresses(emailCC),
    bcc: parseAddresses(emailBCC),
    subject,
    headers: { 'X-Priority': String(level) },
    html: typeof data === 'string' ? data.toWellFormed() : goJson(data),
  };
}

/** Goes from 1 to 5, which is the lowest. */
function parsePriority(text: string): number {
  if (text === '') return 3;
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing "${text}": invalid syntax`);
  const level = Number(text);
  if (level >= 1 && level <= 5) return level;
  throw new Error('smtp binding error:  priority value must be between 1 (highest) and 5 (lowest)');
}

function parseAddresses(text: string) {
  return text ? text.split(';').map(parseAddress) : [];
}

/** An address alone, or in angle brackets behind a name. */
const ADDRESS = /^(?<name>[^<>,;@]*)<(?<bracketed>[^\s<>,;@]+@[^\s<>,;@]+)>$|^(?<bare>[^\s<>,;@]+@[^\s<>,;@]+)$/;

function parseAddress(text: string) {
  const { name = '', bracketed, bare } = ADDRESS.exec(text.trim())?.groups ?? {};
  const address = bracketed ?? bare;
  if (address === undefined || /[\r\n]/.test(text)) {
    const reason = `gomail: invalid address ${JSON.stringify(text)}`;
    throw new Error(`error from smtp binding, sending email failed: ${COULD_NOT_SEND}: ${reason}`);
  }
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address };
}

interface SmtpError extends Error {
  /** At which the conversation ended. */
  command?: string;
  /** The server's reply. */
  response?: string;
}

const COULD_NOT_SEND = 'gomail: could not send email 1';
/** The commands about one e-mail; what fails before is said without that. */
const ABOUT_EMAIL = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

function describeFailure({ message, command = '', response }: SmtpError): string {
  // Go puts all of a reply but its code in quotes.
  const reason =
    response?.replace(/^(\d{3})[ -](.*)$/s, (_reply, code, words) => `${code} ${JSON.stringify(words)}`) ?? message;
  return ABOUT_EMAIL.has(command) ? `${COULD_NOT_SEND}: ${reason}` : reason;
}
