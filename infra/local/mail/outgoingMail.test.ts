import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { describeActivity } from '../describeActivity.ts';
import { readSettings } from '../settings.ts';
import { type MailActivity, type OutgoingMail, openOutgoingMail } from './outgoingMail.ts';

async function open(settings: Record<string, string> = {}) {
  const activities: MailActivity[] = [];
  const mail = await openOutgoingMail(readSettings(settings), (activity) => activities.push(activity));
  onTestFinished(mail.close);
  return { ...mail, activities };
}

function send({ SMTP_HOST: host, SMTP_PORT: port, SMTP_FROM: from }: OutgoingMail['variables'], subject: string) {
  const transport = createTransport({ host, port: Number(port) });
  return transport.sendMail({ from, to: ['alice@example.com', 'bob@example.com'], subject, text: 'Hello.' });
}

test('without a server of its own, each e-mail is taken and told of in one line', async () => {
  const { variables, activities } = await open();
  expect(variables).toMatchObject({ SMTP_HOST: '127.0.0.1', SMTP_USER: '', SMTP_PASSWORD: '' });
  await send(variables, 'Zahnarzt für Jörg 🦷');
  expect(activities.map(describeActivity)).toEqual([
    'email    alice@example.com, bob@example.com: Zahnarzt für Jörg 🦷',
  ]);
});

test('a subject with control characters in it is still one line', async () => {
  const { variables, activities } = await open();
  await send(variables, '=?UTF-8?q?Pay=0D=0Arent=1B[2J?=');
  expect(activities).toMatchObject([{ subject: 'Pay rent [2J' }]);
});

test('a server that is named gets the e-mails', async () => {
  const server = {
    SMTP_HOST: 'smtp.example.com',
    SMTP_USER: 'todo',
    SMTP_PASSWORD: 's',
    SMTP_FROM: 'todo@example.com',
  };
  expect((await open(server)).variables).toEqual({ ...server, SMTP_PORT: '587' });
  expect((await open({ ...server, SMTP_PORT: '2525' })).variables.SMTP_PORT).toBe('2525');
});
