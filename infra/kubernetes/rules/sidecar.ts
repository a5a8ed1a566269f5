import { daprd, deployments, flagsOf, knativeServices, type PodSpec, priorityClasses, type System } from './objects.ts';
import type { Rule } from './rule.ts';

/** A second member of the consumer group holds every topic up while it joins or leaves. */
export const oneSidecar: Rule = {
  name: 'one-sidecar',
  check(system) {
    const { spec } = daprd(system).deployment;
    const all = deployments(system).filter((each) =>
      each.spec.template.spec.containers.some(({ image }) => /(^|\/)daprd[:@]/.test(image)),
    );
    return [
      ...(spec.replicas === 1 ? [] : [`daprd has ${spec.replicas} replicas`]),
      ...(spec.strategy?.type === 'Recreate' ? [] : ['daprd is replaced by one that starts beside it']),
      ...(all.length === 1 ? [] : [`${all.length} Deployments run daprd`]),
    ];
  },
};

/** On a node that is full, functions make room for what is always on: without it nothing wakes any of them. */
export const alwaysOnPriority: Rule = {
  name: 'always-on-priority',
  check(system) {
    const priorityOf = ({ priorityClassName }: PodSpec) =>
      priorityClasses(system).find(({ metadata }) => metadata.name === priorityClassName)?.value ?? 0;
    const functions = Math.max(...knativeServices(system).map(({ spec }) => priorityOf(spec.template.spec)));
    return deployments(system)
      .filter(({ spec }) => priorityOf(spec.template.spec) <= functions)
      .map(({ metadata }) => `functions do not make room for ${metadata.name}`);
  },
};

/**
 * Of daprd's two checks of its health, the one that says whether it can be called. The other one is bad while the
 * scheduler is away, and daprd would be ended, or get no more events to publish, for what only jobs need.
 */
export const sidecarProbes: Rule = {
  name: 'sidecar-probes',
  check(system) {
    const { startupProbe, readinessProbe, livenessProbe } = daprd(system).container;
    return Object.entries({ startupProbe, readinessProbe, livenessProbe })
      .filter(([, probe]) => probe?.httpGet?.path !== '/v1.0/healthz/outbound')
      .map(([name, probe]) => `daprd's ${name} asks ${probe?.httpGet?.path ?? 'nothing'}`);
  },
};

/** daprd asks no function for anything at its start or later, since that would wake it. */
export const sidecarSilent: Rule = {
  name: 'sidecar-silent',
  check(system) {
    const flags = flagsOf(daprd(system).container);
    const silenced = flags.get('--disable-init-endpoints')?.split(',') ?? [];
    return [
      ...['config', 'subscribe'].filter((each) => !silenced.includes(each)).map((each) => `daprd asks for ${each}`),
      ...(flags.get('--enable-app-health-check') === 'false' ? [] : ['daprd asks for the health of its app']),
    ];
  },
};

/** Only who has the token may publish, and only the sidecar may deliver. */
export const sidecarTokens: Rule = {
  name: 'sidecar-tokens',
  check: (system) =>
    ['DAPR_API_TOKEN', 'APP_API_TOKEN']
      .filter((name) => {
        const variable = daprd(system).container.env?.find((each) => each.name === name);
        return !variable?.valueFrom?.secretKeyRef || variable.valueFrom.secretKeyRef.optional;
      })
      .map((name) => `daprd has no ${name} from a Secret`),
};

/**
 * What daprd calls is the router in its own pod: a container that runs before it and until it has ended. The router
 * answers 503 to a path that nobody takes, and in place of a 404 (router.test.ts); an ingress by itself would not.
 */
export const appChannel: Rule = {
  name: 'app-channel',
  check(system: System) {
    const { deployment, container } = daprd(system);
    const flags = flagsOf(container);
    const router = deployment.spec.template.spec.initContainers?.find(({ name }) => name === 'router');
    const port = router?.env?.find(({ name }) => name === 'PORT')?.value;
    const isItsOwn = flags.get('--app-channel-address') === '127.0.0.1' && flags.get('--app-port') === port;
    return [
      ...(isItsOwn && port !== undefined ? [] : ['daprd calls something else than the router beside it']),
      ...(router?.restartPolicy === 'Always' ? [] : ['the router does not last as long as daprd']),
      ...(router && /(^|\/)router[:@]/.test(router.image) ? [] : ['the router is another program']),
    ];
  },
};
