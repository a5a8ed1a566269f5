import { stringify } from 'yaml';
import { type FunctionDefinition, isCron, isJob } from '../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../shared/runtime/route.ts';
import { variablesOf } from './variables.ts';

/** Namespace, Secret, ConfigMap and service account of the system. */
export const SYSTEM = 'evolution-todo';
/** ConfigMap of OpenTelemetry's standard variables, for those who want traces and metrics: every key is handed over. */
const TELEMETRY = 'evolution-todo-telemetry';
/** Requests at once to one instance: the work is waiting for Postgres, so one event loop serves many. */
const CONCURRENCY = 80;
/** A request waits for Postgres for ten seconds at the most; a client's patience, and daprd's policy, end later. */
const REQUEST_SECONDS = 15;
/** A tick or a job works off what is due, which after an outage is much; daprd waits for it, and the next does not. */
const TICK_SECONDS = 300;
/** What has had no request for so long goes to sleep: half of Knative's own, since waking up takes a second. */
const WINDOW = '30s';
/** Bounds the connections that a burst can ask of Postgres's pooler. */
const MAX_SCALE = 20;

/** How long one request to a function may take, in seconds. */
export function timeLimitSeconds(definition: FunctionDefinition): number {
  return isCron(definition) || isJob(definition) ? TICK_SECONDS : REQUEST_SECONDS;
}

/** The Knative Service of a function, as YAML: scales to zero, runs as nobody in particular, reads only its own files. */
export function knativeService(definition: FunctionDefinition, version: string): string {
  const name = resourceName(definition);
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': SYSTEM,
    // From outside, requests come by the one host name of infra/kubernetes alone; the rest is called by the sidecar.
    'networking.knative.dev/visibility': 'cluster-local',
  };
  const service = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, namespace: SYSTEM, labels },
    spec: {
      template: {
        metadata: {
          labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': SYSTEM },
          annotations: {
            'autoscaling.knative.dev/min-scale': '0',
            'autoscaling.knative.dev/max-scale': String(definition.sendsEmail ? 1 : MAX_SCALE),
            'autoscaling.knative.dev/window': WINDOW,
          },
        },
        spec: {
          serviceAccountName: SYSTEM,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          containerConcurrency: CONCURRENCY,
          timeoutSeconds: timeLimitSeconds(definition),
          containers: [container(definition, `${SYSTEM}/${name}:${version}`)],
        },
      },
    },
  };
  return stringify(service, { lineWidth: 0, aliasDuplicateObjects: false });
}

function container(definition: FunctionDefinition, image: string) {
  const probe = { httpGet: { path: '/healthz', port: 0 } };
  return {
    image,
    ports: [{ name: 'http1', containerPort: 8080 }],
    env: environment(definition),
    envFrom: [{ configMapRef: { name: TELEMETRY, optional: true } }],
    // Knative's own default probe opens a connection; this one also sees that the app answers.
    readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 3 },
    livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 3 },
    resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** A reference for each variable that the function is given. */
function environment(definition: FunctionDefinition) {
  return variablesOf(definition).map(({ name, optional, secret }) => {
    const key = { name: SYSTEM, key: name, ...(optional && { optional }) };
    return { name, valueFrom: secret ? { secretKeyRef: key } : { configMapKeyRef: key } };
  });
}
