import { allContainers, configMaps, secrets } from './objects.ts';
import type { Rule } from './rule.ts';

const SECRET_NAME = /TOKEN|PASSWORD|SECRET|DATABASE_URL|PRIVATE_KEY|CREDENTIAL/;
/** A URL with a password in it. */
const SECRET_VALUE = /\w+:\/\/[^\s/:@]+:[^\s/@]+@/;

/** No manifest has a secret in it: they are named, and made by hand or by whatever the cluster has for them. */
export const secretsByReference: Rule = {
  name: 'secrets-by-reference',
  check(system) {
    const variables = allContainers(system).flatMap(({ owner, container }) =>
      (container.env ?? [])
        .filter(({ name, value, valueFrom }) => {
          const isSecret = SECRET_NAME.test(name) || SECRET_VALUE.test(value ?? '');
          return isSecret && !valueFrom?.secretKeyRef;
        })
        .map(({ name }) => `${owner}: ${name} is not from a Secret`),
    );
    const data = configMaps(system).flatMap(({ metadata, data = {} }) =>
      Object.entries(data)
        .filter(([key, value]) => SECRET_NAME.test(key) || SECRET_VALUE.test(value))
        .map(([key]) => `ConfigMap ${metadata.name} has a secret in ${key}`),
    );
    return [
      ...secrets(system).map(({ metadata }) => `Secret ${metadata.name} is among the manifests`),
      ...variables,
      ...data,
    ];
  },
};
