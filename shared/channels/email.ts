import { randomBytes } from 'node:crypto';
import { emailCode } from '../domain/emailCode.ts';
import type { Context, Later } from '../runtime/defineFunction.ts';
import type { Email } from '../runtime/email.ts';
import type { ClaimedDelivery } from '../store/deliveryAttempts.ts';
import { keepCode } from '../store/emailCodes.ts';
import type { Attempt } from './attempt.ts';

type Mailing = Pick<Context, 'sql' | 'run' | 'sendEmail'>;

/** Sends a delivery to its address. Always resolves, within the mailer's limit of time, unless the database is away. */
export async function sendByEmail(
  userId: string,
  delivery: ClaimedDelivery,
  context: Mailing,
  { clock }: Later,
): Promise<Attempt> {
  if (delivery.kind !== 'email.confirmation') return send(notificationOf(delivery), context);
  // Made only now, so that it stands nowhere but in the mail.
  const code = emailCode(randomBytes(32));
  const [kept] = await context.run(keepCode(context.sql, userId, { address: delivery.target, code }, clock()));
  if (kept?.length) return send(confirmationOf(delivery, code), context);
  const error = 'There were too many codes in a day: ask for another one tomorrow.';
  return { outcome: 'refused', responseStatus: null, error };
}

async function send(email: Email, { sendEmail }: Mailing): Promise<Attempt> {
  const result = await sendEmail(email);
  if (result.outcome === 'sent') return { outcome: 'taken', responseStatus: null };
  const error =
    result.outcome === 'refused' ? 'The mail server refused the address or the mail.' : 'The mail could not be sent.';
  return { outcome: result.outcome, responseStatus: null, error, cause: result.reason };
}

function notificationOf({ target, message }: ClaimedDelivery): Email {
  const text = `${message}\n\nYou have this mail because of your preferences for notifications, where you can change that.`;
  return { to: target, subject: message, text };
}

function confirmationOf({ target }: ClaimedDelivery, code: string): Email {
  const text = `Your code is ${code}

It confirms that this address is yours, and is good for an hour. If you did not ask for it, do nothing: without the code,
nothing else is sent here.`;
  return { to: target, subject: `Your code is ${code}`, text };
}
