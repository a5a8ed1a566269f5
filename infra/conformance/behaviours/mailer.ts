import { describe, expect, it } from 'vitest';
import { daprMailer, type Email, type SendEmail } from '../../../shared/runtime/email.ts';
import type { ReceivedMail } from '../../local/mail/mailServer.ts';
import type { Bench } from '../bench.ts';

/** The functions' own client of the binding `email`, whose server puts what it takes into `mails`. */
export function describeMailer(bench: Bench, { mails, apiToken }: { mails: ReceivedMail[]; apiToken: string }): void {
  let mailer: SendEmail | undefined;
  const sendEmail: SendEmail = (email) => {
    mailer ??= daprMailer({ endpoint: bench.subject().url, apiToken, timeoutMs: 10_000 });
    return mailer(email);
  };

  const email = (more: Partial<Email> = {}): Email => ({
    to: 'alice@example.com',
    subject: 'A subject',
    text: 'Hello.',
    ...more,
  });
  async function sent(more: Partial<Email>): Promise<ReceivedMail> {
    const earlier = mails.length;
    expect(await sendEmail(email(more))).toEqual({ outcome: 'sent' });
    expect(mails).toHaveLength(earlier + 1);
    return mails[earlier] as ReceivedMail;
  }

  describe('an e-mail of a function', () => {
    it('arrives with every character of subject and text, in which nothing is HTML', async () => {
      const subject = 'Zahnarzt für Jörg 🦷: „um 9“ <b>&amp;';
      const text = 'Grüße 🦷 & <script>alert("1")</script>\n\n&lt;b&gt; \'x\' \\n\n.\nпоследняя строка';
      const { content, recipients, raw } = await sent({ to: "jo.o'neil+todo@sub.example.com", subject, text });
      expect(recipients).toEqual(["jo.o'neil+todo@sub.example.com"]);
      expect([content.subject, content.text?.trim()]).toEqual([subject, text]);
      expect(content.html || '').not.toMatch(/<script|<b>/);
      expect(raw).toMatch(/^From: todo@example\.com\r$/m);
    });

    it('keeps a line break in its subject to one line', async () => {
      const { content, recipients } = await sent({ subject: 'Pay\r\nBcc: mallory@example.com\n\nrent\u2028now\0 ' });
      expect(content.subject).toBe('Pay Bcc: mallory@example.com rent now');
      expect([recipients, content.headers.has('bcc')]).toEqual([['alice@example.com'], false]);
    });

    it('has its subject as it is where that looks encoded', async () => {
      const { content } = await sent({ subject: '=?UTF-8?q?=0D=0ABcc:_mallory@example.com?=' });
      expect(content.subject?.replaceAll('\u200b', '')).toBe('=?UTF-8?q?=0D=0ABcc:_mallory@example.com?=');
    });

    it('can be at its limits', async () => {
      const { content } = await sent({ subject: 'ü'.repeat(1_000), text: '€'.repeat(100_000) });
      expect(content.subject).toBe(`${'ü'.repeat(199)}…`);
      expect(content.text?.trim().replaceAll(/\s/g, '')).toBe(`${'€'.repeat(19_999)}…`);
    });

    it('goes to its own recipient where many are sent at once', async () => {
      const earlier = mails.length;
      const names = Array.from({ length: 20 }, (_, index) => `user${index}`);
      const outcomes = await Promise.all(
        names.map((name) => sendEmail(email({ to: `${name}@example.com`, subject: name, text: name }))),
      );
      expect(outcomes).toEqual(names.map(() => ({ outcome: 'sent' })));
      const arrived = mails
        .slice(earlier)
        .map(({ recipients, content }) => [...recipients, content.subject, content.text?.trim()]);
      expect(arrived).toEqual(names.map((name) => [`${name}@example.com`, name, name]));
    });

    it('is refused for good where the server says so, and else has failed', async () => {
      expect(await sendEmail(email({ to: 'nobody@example.com' }))).toEqual({
        outcome: 'refused',
        reason: expect.stringContaining('there is no such user'),
      });
      expect(await sendEmail(email({ to: 'busy@example.com' }))).toEqual({
        outcome: 'failed',
        reason: expect.stringContaining('come again later'),
      });
    });
  });
}
