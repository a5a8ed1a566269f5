import type { Settings } from '../settings.ts';
import { type MailServer, startMailServer } from './mailServer.ts';

/** An e-mail that was to leave the system, and was kept in this process instead. */
export interface MailActivity {
  kind: 'email';
  recipients: string[];
  subject: string;
}

export type MailSettings = Pick<Settings, 'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_USER' | 'SMTP_PASSWORD' | 'SMTP_FROM'>;

/** The way that e-mails take out of the system. */
export interface OutgoingMail {
  /** What the sidecar's e-mail component refers to. */
  variables: Record<'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_USER' | 'SMTP_PASSWORD' | 'SMTP_FROM', string>;
  close(): Promise<void>;
}

/** Of e-mails that stay on this machine; RFC 2606 keeps the name for examples. */
const LOCAL_SENDER = 'Evolution Todo <todo@example.com>';

/**
 * Opens the way to the SMTP server that is set or, where none is, to one in this process, which passes no e-mail on and
 * tells of each; on loopback unless it is given another address of this machine.
 */
export async function openOutgoingMail(
  { SMTP_HOST, SMTP_PORT, SMTP_USER = '', SMTP_PASSWORD = '', SMTP_FROM = LOCAL_SENDER }: MailSettings,
  onActivity: (activity: MailActivity) => void,
  host = '127.0.0.1',
): Promise<OutgoingMail> {
  if (!SMTP_HOST) return showMail(SMTP_FROM, onActivity, host);
  return {
    variables: { SMTP_HOST, SMTP_PORT: String(SMTP_PORT), SMTP_USER, SMTP_PASSWORD, SMTP_FROM },
    close: async () => {},
  };
}

async function showMail(
  from: string,
  onActivity: (activity: MailActivity) => void,
  host: string,
): Promise<OutgoingMail> {
  const server: MailServer = await startMailServer({
    host,
    port: 0,
    onMail({ recipients, content }) {
      const subject = (content.subject ?? '').replaceAll(/\p{Cc}+/gu, ' ');
      onActivity({ kind: 'email', recipients, subject });
    },
  });
  const address = { SMTP_HOST: host, SMTP_PORT: String(server.port) };
  return { variables: { ...address, SMTP_USER: '', SMTP_PASSWORD: '', SMTP_FROM: from }, close: server.close };
}
