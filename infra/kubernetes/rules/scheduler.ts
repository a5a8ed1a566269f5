import { isCron } from '../../../shared/runtime/defineFunction.ts';
import { cronBindings } from './cron.ts';
import {
  type Container,
  configMaps,
  coreServices,
  type Deployment,
  daprd,
  deployments,
  flagsOf,
  metadataValue,
  type System,
} from './objects.ts';
import type { Rule } from './rule.ts';

/** Who runs Dapr's scheduler, and in which container. */
function schedulers(system: System): { deployment: Deployment; container: Container }[] {
  return deployments(system).flatMap((deployment) =>
    deployment.spec.template.spec.containers
      .filter(({ image }) => /(^|\/)scheduler[:@]/.test(image))
      .map((container) => ({ deployment, container })),
  );
}

const addressIn = (system: System) => flagsOf(daprd(system).container).get('--scheduler-host-address');

/**
 * Where functions set jobs, daprd has a scheduler for them, and crons come once an hour; where they leave all to the crons,
 * these come often, and no scheduler runs for nothing.
 */
export const wakeUps: Rule = {
  name: 'wake-ups',
  check(system) {
    const given = configMaps(system).flatMap(({ data }) => data?.WAKE_UPS ?? []);
    const hasScheduler = addressIn(system) !== undefined;
    const isFit = given.length === 1 && given[0] === (hasScheduler ? 'jobs' : 'cron');
    const unfit = system.definitions.filter(isCron).filter(({ trigger: { binding, cron, withoutJobs = cron } }) => {
      const found = cronBindings(system).find(({ metadata }) => metadata.name === binding);
      return cron !== withoutJobs && found && metadataValue(found, 'schedule') === (hasScheduler ? withoutJobs : cron);
    });
    return [
      ...(isFit
        ? []
        : [`WAKE_UPS is ${given.join(' and ') || 'nowhere'}, and daprd has ${hasScheduler ? 'a' : 'no'} scheduler`]),
      ...unfit.map(({ name }) => `${name} comes as it should with ${hasScheduler ? 'no' : 'a'} scheduler`),
    ];
  },
};

/** What daprd is told is a Service that leads to the scheduler, and what the scheduler itself says that it is called. */
export const schedulerAddress: Rule = {
  name: 'scheduler-address',
  check(system) {
    const address = addressIn(system);
    if (!address) return [];
    const [host, port] = address.split(':');
    const service = coreServices(system).find(
      ({ metadata }) => host === `${metadata.name}.${metadata.namespace}.svc.cluster.local`,
    );
    if (!service) return [`daprd looks for a scheduler at ${address}, where no Service is`];
    const { targetPort } = service.spec.ports?.find((each) => String(each.port) === port) ?? {};
    const reached = schedulers(system).filter(({ deployment, container }) => {
      const labels = deployment.spec.template.metadata?.labels ?? {};
      const isSelected = Object.entries(service.spec.selector ?? {}).every(([key, value]) => labels[key] === value);
      return (
        isSelected && container.ports?.some(({ name, containerPort }) => [name, containerPort].includes(targetPort))
      );
    });
    return [
      ...(reached.length === 1 ? [] : [`${address} leads to no scheduler`]),
      ...reached
        .filter(({ container }) => flagsOf(container).get('--override-broadcast-host-port') !== address)
        .map(({ deployment }) => `${deployment.metadata.name} says that it is elsewhere than at ${address}`),
    ];
  },
};

/** One member of its etcd, at one time, with a place to write to, which nobody else gets to. */
export const oneScheduler: Rule = {
  name: 'one-scheduler',
  check(system) {
    const all = schedulers(system);
    return [
      ...(all.length > 1 ? [`${all.length} Deployments run a scheduler`] : []),
      ...all.flatMap(({ deployment: { metadata, spec }, container }) => {
        const { name } = metadata;
        const flags = flagsOf(container);
        const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === flags.get('--etcd-data-dir'));
        const volume = spec.template.spec.volumes?.find((each) => each.name === mount?.name);
        const isAlone = /^[^=]+=http:\/\/127\.0\.0\.1:\d+$/.test(flags.get('--etcd-initial-cluster') ?? '');
        return [
          ...(spec.replicas === 1 ? [] : [`${name} has ${spec.replicas} replicas`]),
          ...(spec.strategy?.type === 'Recreate' ? [] : [`${name} is replaced by one that starts beside it`]),
          ...(volume?.persistentVolumeClaim || volume?.emptyDir ? [] : [`${name} has no storage`]),
          ...(isAlone ? [] : [`the etcd in ${name} is not its own alone`]),
        ];
      }),
    ];
  },
};
