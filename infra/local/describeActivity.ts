import type { Activity } from './platform.ts';

/** One line about what happened, for a person who watches; undefined for what is told by another line already. */
export function describeActivity(activity: Activity): string | undefined {
  return 'type' in activity ? describeGateway(activity) : describeOther(activity);
}

type GatewayActivity = Extract<Activity, { type: string }>;
type OtherActivity = Extract<Activity, { kind: string }>;

const ms = (time: number) => `${Math.round(time)} ms`;
const line = (what: string, text: string) => `${what.padEnd(8)} ${text}`;

function describeGateway(activity: GatewayActivity): string | undefined {
  switch (activity.type) {
    case 'woke':
      return line('wake', `${activity.function} in ${ms(activity.ms)}`);
    case 'slept':
      return line('sleep', `${activity.function}${activity.forced ? ' (had to be killed)' : ''}`);
    case 'request':
      // What the sidecar asks for is told by its own lines.
      if (/^\/(events|bindings|job)\//.test(activity.path)) return undefined;
      return line('http', `${activity.method} ${activity.path} ${activity.status} in ${ms(activity.ms)}`);
    case 'refused':
      return line('refused', `${activity.method} ${activity.path} ${activity.status}: ${activity.reason}`);
    case 'cut':
      return line('cut', `${activity.method} ${activity.path}: ${activity.reason}`);
    case 'crashed':
      return line('crash', `${activity.function} (${activity.signal ?? activity.code}) ${activity.stderr.join(' | ')}`);
    case 'start-failed':
      return line('crash', `${activity.function} cannot start: ${activity.reason} ${activity.stderr.join(' | ')}`);
    case 'output':
      return describeOutput(activity);
    case 'waking':
      return undefined;
  }
}

/** A function's own log is one line per request, which other lines tell already; what went wrong stands only there. */
function describeOutput({ function: name, stream, line: text }: Extract<Activity, { type: 'output' }>) {
  const worthTelling = stream === 'stderr' || /"level":"(warn|error)"/.test(text);
  return worthTelling ? line('log', `${name}: ${text}`) : undefined;
}

function describeOther(activity: OtherActivity): string | undefined {
  switch (activity.kind) {
    case 'delivered':
      return line('event', `${eventOf(activity)} → ${activity.route} in ${ms(activity.durationMs)}`);
    case 'retrying':
      return line('retry', `${eventOf(activity)} → ${activity.route} in ${ms(activity.inMs)}: ${activity.reason}`);
    case 'dead-lettered':
      return line('dead', `${eventOf(activity)} → ${activity.deadLetterTopic}: ${activity.reason}`);
    case 'dropped':
      return line('dropped', `${eventOf(activity)}: ${activity.reason}`);
    case 'tick':
      return line('tick', `${activity.component} ${activity.status} in ${ms(activity.durationMs)}`);
    case 'tick-failed':
      return line('tick', `${activity.component} failed: ${activity.reason}`);
    case 'job':
      return line('job', `${activity.job} ${activity.status} in ${ms(activity.durationMs)}`);
    case 'job-failed':
      return line('job', `${activity.job} failed: ${activity.reason}`);
    case 'warning':
      return line('warning', activity.message);
    case 'email':
      return line('email', `${activity.recipients.join(', ')}: ${activity.subject}`);
    case 'app-found':
    case 'published':
    case 'queried':
      return undefined;
  }
}

function eventOf({ event }: Extract<OtherActivity, { event: unknown }>): string {
  return `${event.eventType ?? event.topic} ${event.eventId ?? ''}`.trimEnd();
}
