import * as z from 'zod';
import type { Kubectl } from './kubectl.ts';
import type { Reference } from './objects.ts';

const LINES = 12;

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.looseObject({
        conditions: z
          .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
          .optional(),
        initContainerStatuses: z.array(z.unknown()).optional(),
        containerStatuses: z.array(z.unknown()).optional(),
      }),
    }),
  ),
});
const waitingSchema = z.object({
  name: z.string(),
  state: z.object({ waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }) }),
});

/** What the pods of a Deployment or a Knative Service wait for, and the last lines of their logs; empty for the rest. */
export async function logsOf(kubectl: Kubectl, { kind, namespace, name }: Reference): Promise<string> {
  if (!['Deployment', 'Service'].includes(kind)) return '';
  const selector = ['-n', namespace, '-l', `app.kubernetes.io/name=${name}`];
  const pods = await kubectl.run(['get', 'pods', ...selector, '-o', 'json']);
  const logs = await kubectl.run(['logs', ...selector, '--all-containers', '--prefix', `--tail=${LINES}`]);
  const lines = [...(pods.code === 0 ? waitingFor(pods.stdout) : []), ...logs.stdout.trim().split('\n').slice(-LINES)];
  return lines
    .filter((line) => line !== '')
    .map((line) => `\n    ${line}`)
    .join('');
}

function waitingFor(json: string): string[] {
  return podsSchema.parse(JSON.parse(json)).items.flatMap(({ metadata, status }) => {
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const waiting = containers.flatMap((container) => {
      const { data } = waitingSchema.safeParse(container);
      return data ? [`${data.name} waits: ${data.state.waiting.reason} ${data.state.waiting.message}`] : [];
    });
    const unscheduled = (status.conditions ?? [])
      .filter((condition) => condition.type === 'PodScheduled' && condition.status === 'False')
      .map(({ message = '' }) => `not scheduled: ${message}`);
    return [...unscheduled, ...waiting].map((what) => `pod ${metadata.name}: ${what.trim()}`);
  });
}
