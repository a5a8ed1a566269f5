import { SYSTEM } from '../../generate/knative.ts';
import type { Machine } from './machine.ts';

/** The Secrets that the overlay refers to, as infra/kubernetes/README.md makes them by hand. */
export function secretsOf({ secrets, databaseUrl, mail }: Pick<Machine, 'secrets' | 'databaseUrl' | 'mail'>): object[] {
  const { databasePassword: bridgePassword, daprApiToken, appApiToken, webhookSecretsKey } = secrets;
  const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: SYSTEM },
    stringData,
  });
  return [
    secret(SYSTEM, {
      DATABASE_URL: `postgres://any:${bridgePassword}@any/any`,
      DAPR_API_TOKEN: daprApiToken,
      APP_API_TOKEN: appApiToken,
      WEBHOOK_SECRETS_KEY: webhookSecretsKey,
    }),
    secret(`${SYSTEM}-dapr`, { DATABASE_URL: databaseUrl.owner, ...mail }),
    secret(`${SYSTEM}-bridge`, { DATABASE_URL: databaseUrl.functions, BRIDGE_PASSWORD: bridgePassword }),
  ];
}
