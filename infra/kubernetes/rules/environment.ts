import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../../shared/runtime/route.ts';
import { variablesOf } from '../../generate/variables.ts';
import { allContainers, configMaps, daprd, daprFiles, knativeServices, type System } from './objects.ts';
import type { Rule } from './rule.ts';

/** Each function has a Service, whose variables are those of its schema: no other, none missing. */
export const environment: Rule = {
  name: 'environment',
  check(system) {
    const names = system.definitions.map(resourceName);
    const strangers = knativeServices(system).filter(({ metadata }) => !names.includes(metadata.name));
    return [
      ...system.definitions.flatMap((definition) => environmentFaults(system, definition)),
      ...strangers.map(({ metadata }) => `there is no function for the Service ${metadata.name}`),
    ];
  },
};

function environmentFaults(system: System, definition: FunctionDefinition): string[] {
  const name = resourceName(definition);
  const service = knativeServices(system).find(({ metadata }) => metadata.name === name);
  if (!service) return [`${definition.name} has no Service`];
  const env = service.spec.template.spec.containers[0]?.env ?? [];
  const variables = variablesOf(definition);
  const wanted = variables.map((variable) => variable.name);
  const given = env.map((variable) => variable.name);
  const needed = variables.filter(({ optional }) => !optional).map((variable) => variable.name);
  const lax = env.filter(({ name: key, valueFrom }) => {
    const reference = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
    return reference?.optional && needed.includes(key);
  });
  return [
    ...wanted.filter((key) => !given.includes(key)).map((key) => `${name} is not given ${key}`),
    ...given.filter((key) => !wanted.includes(key)).map((key) => `${name} has no use for ${key}`),
    ...lax.map(({ name: key }) => `${name} would start without ${key}, and end at once`),
  ];
}

/** What a pod takes from a ConfigMap of this overlay is in it, or the pod would not start. */
export const variablesExist: Rule = {
  name: 'variables',
  check: (system) =>
    allContainers(system).flatMap(({ owner, container }) =>
      (container.env ?? []).flatMap(({ name, valueFrom }) => {
        const reference = valueFrom?.configMapKeyRef;
        if (!reference || reference.optional) return [];
        const config = configMaps(system).find(({ metadata }) => metadata.name === reference.name);
        return config?.data?.[reference.key] ? [] : [`${owner}: ${reference.name} has no ${reference.key} for ${name}`];
      }),
    ),
};

/** The sidecar is given what its files refer to. */
export const sidecarVariables: Rule = {
  name: 'sidecar-variables',
  check(system) {
    const text = JSON.stringify([...daprFiles(system).values()]);
    const references = [...text.matchAll(/"(?:envRef|secretKeyRef":\{"name)":"(\w+)"/g)].map(([, name]) => name);
    const given = daprd(system).container.env?.map(({ name }) => name) ?? [];
    return references.filter((name) => !given.includes(name ?? '')).map((name) => `daprd is not given ${name}`);
  },
};
