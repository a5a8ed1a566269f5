import type { ComponentResource } from './schemas.ts';

/** A `bindings.smtp` component as the sidecar serves it. */
export interface SmtpComponent {
  name: string;
  host: string;
  port: number;
  login: { user: string; pass: string } | undefined;
  verifiesCertificate: boolean;
  /** What a request's own metadata goes before; names as in a request. */
  defaults: ReadonlyMap<string, string>;
}

/** What a request may say of an e-mail in its metadata, and a component for all of them. */
export const EMAIL_METADATA = ['emailFrom', 'emailTo', 'emailCC', 'emailBCC', 'subject', 'priority'] as const;

/** Makes the component of a resource; undefined where its direction is not out. @throws when daprd could not start it */
export function createSmtpComponent({ metadata: { name }, spec }: ComponentResource): SmtpComponent | undefined {
  // Names of a component's metadata count in any case.
  const items = new Map([...spec.metadata].map(([item, value]) => [item.toLowerCase(), value]));
  const get = (item: string) => items.get(item.toLowerCase()) ?? '';
  if (!isOutput(get('direction'))) return undefined;
  const { host, port, user, pass } = {
    host: get('host'),
    port: Number(get('port')),
    user: get('user'),
    pass: get('password'),
  };
  if (!host || !port) throw new Error('host and port fields are required in metadata');
  if (!user !== !pass) throw new Error('both user and password fields are required in metadata');
  return {
    name,
    host,
    port,
    login: user ? { user, pass } : undefined,
    verifiesCertificate: get('skipTLSVerify') !== 'true',
    defaults: new Map(EMAIL_METADATA.map((item) => [item, get(item)])),
  };
}

function isOutput(direction: string): boolean {
  return direction === '' || direction.split(',').some((each) => each.trim().toLowerCase() === 'output');
}
