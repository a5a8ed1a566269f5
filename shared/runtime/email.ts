import * as z from 'zod/mini';
import { emailAddress } from '../domain/emailAddress.ts';
import { parseJson } from '../events/json.ts';

/** An e-mail to one person, in plain text. */
export interface Email {
  /** The address alone, as `emailAddress` takes it. */
  to: string;
  /** Becomes one line: white space and control characters between words come to a space. Cut to 200 characters. */
  subject: string;
  /** Lines end with `\n`. Nothing in it is taken for HTML. Cut to 20,000 characters. */
  text: string;
}

/**
 * What became of an e-mail.
 * - `sent`: the SMTP server has taken it. That it reaches its reader is not known.
 * - `refused`: for good, as the same e-mail would be again: the address is none, or the server answered 5yz (RFC 5321, 4.2.1).
 * - `failed`: not sent as far as is known, and worth another try later. Where no answer came in time it may have been
 *   sent all the same: an e-mail that is tried again can come twice, and nothing in the protocol can tell.
 *
 * The reason is for the log and an operator; it can quote the server, and so the address.
 */
export type EmailOutcome = { outcome: 'sent' } | { outcome: 'refused' | 'failed'; reason: string };

/** Sends an e-mail. Always resolves, within the mailer's time limit. */
export type SendEmail = (email: Email) => Promise<EmailOutcome>;

export interface MailerOptions {
  /** Base URL of the Dapr sidecar. */
  endpoint: string;
  apiToken: string;
  /** Upper bound of one call, the wait for its turn included, in milliseconds. */
  timeoutMs: number;
}

/** The Dapr output binding that e-mails go through: `infra/dapr/email.yaml`, which also says who they are from. */
const BINDING_NAME = 'email';

/**
 * Sends e-mails through Dapr's SMTP binding, one at a time: daprd 1.18 keeps the recipient and subject of a request in
 * the component itself, where a request at the same moment replaces them, so that its text goes to the wrong person.
 * This holds within one process; a definition with `sendsEmail` sees to it that there is one.
 */
export function daprMailer({ endpoint, apiToken, timeoutMs }: MailerOptions): SendEmail {
  const url = `${endpoint.replace(/\/+$/, '')}/v1.0/bindings/${BINDING_NAME}`;
  const inTurn = oneAtATime();

  return async function sendEmail(email) {
    const { success } = emailAddress.safeParse(email.to);
    if (!success) return { outcome: 'refused', reason: 'this is not the e-mail address of one person' };
    const subject = oneLine(email.subject);
    if (subject === '') return { outcome: 'refused', reason: 'the subject is empty' };
    const body = {
      operation: 'create',
      metadata: { emailTo: email.to, subject },
      data: toHtml(email.text),
    };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await inTurn(() => invoke(url, { apiToken, body, signal }));
    } catch (error) {
      return { outcome: 'failed', reason: describeFailure(error, timeoutMs) };
    }
  };
}

/** Begins each piece of work when those before it have ended, however they did. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const running = last.then(work);
    last = running.catch(() => {});
    return running;
  };
}

/** Past Dapr's client, which neither ends a request at a time limit nor gives the error code of an answer. */
async function invoke(
  url: string,
  { apiToken, body, signal }: { apiToken: string; body: object; signal: AbortSignal },
): Promise<EmailOutcome> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': apiToken },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.text();
  if (response.ok) return { outcome: 'sent' };
  const { data: error } = daprError.safeParse(parseJson(answer));
  const reason = error?.message ?? answer;
  const isFinal = error?.errorCode === 'ERR_INVOKE_OUTPUT_BINDING' && isRefusal(reason);
  return { outcome: isFinal ? 'refused' : 'failed', reason: `the sidecar answered ${response.status}: ${reason}` };
}

const daprError = z.object({ errorCode: z.string(), message: z.string() });

/** What Dapr's binding puts before an SMTP server's reply to an e-mail, but not to the sender's own greeting or login. */
const REPLY = /gomail: could not send email \d+: (\d{3}) "?(\d\.\d{1,3}\.\d{1,3}\b)?/;
/** Replies that tell of this system, not of the e-mail: it may not send, or has no login (RFC 5321, 4.2.3; RFC 4954, 6). */
const SENDERS_FAULT = new Set(['500', '501', '502', '503', '504', '530', '534', '535', '538']);
/** Enhanced codes about addresses (RFC 3463, 3.2), which say more than the reply's own; two are about the sender's. */
const ABOUT_ADDRESS = /^5\.1\./;
const ABOUT_SENDERS_ADDRESS = /^5\.1\.[78]$/;

function isRefusal(message: string): boolean {
  const [, code = '', enhanced = ''] = REPLY.exec(message) ?? [];
  if (!code.startsWith('5') || ABOUT_SENDERS_ADDRESS.test(enhanced)) return false;
  return ABOUT_ADDRESS.test(enhanced) || !SENDERS_FAULT.has(code);
}

function describeFailure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer from the sidecar within ${timeoutMs} ms`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Of a subject, in UTF-16 code units: more than any client shows. */
const MAX_SUBJECT = 200;
/** Of a text, in UTF-16 code units: ten pages. */
const MAX_TEXT = 20_000;

/** A header of one line: a line break in it would begin another header. */
function oneLine(subject: string): string {
  // What begins like an encoded word (RFC 2047) would be decoded by its reader; a character of no width parts it.
  const line = subject
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('=?', '=\u200b?');
  return cut(line.trim(), MAX_SUBJECT);
}

/** As HTML, since the binding sends nothing else. */
function toHtml(text: string): string {
  const plain = cut(text.toWellFormed().replaceAll(/\r\n?/g, '\n'), MAX_TEXT);
  const escaped = plain
    .replaceAll(/(?!\n|\t)\p{Cc}/gu, '')
    .replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html>\n<html><body><div style="white-space: pre-wrap">${escaped.replaceAll('\n', '<br>')}</div></body></html>\n`;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half a character at the cut is no character.
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
