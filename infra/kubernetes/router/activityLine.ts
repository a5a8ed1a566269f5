import type { Level, LogFields } from '../../../shared/runtime/log.ts';
import type { GatewayActivity } from '../../local/gateway/activity.ts';

/** The log line of what the router did; undefined for an answer that was passed on, which its function has logged. */
export function worthALine(activity: GatewayActivity): { level: Level; fields: LogFields } | undefined {
  switch (activity.type) {
    case 'refused':
    case 'cut': {
      const { type: outcome, function: service, method, path, reason } = activity;
      const status = activity.type === 'refused' ? activity.status : undefined;
      return { level: 'warn', fields: { outcome, service, method, path, status, reason } };
    }
    default:
      return undefined;
  }
}
