import * as z from 'zod';
import { SYSTEM } from '../../generate/knative.ts';
import { readLine } from '../../real/functionLog.ts';
import type { Kubectl } from '../cluster/kubectl.ts';

const refusal = z.object({ outcome: z.literal('refused'), reason: z.string() });

/** Why the router answered in place of functions, and how often, in the pod that runs. */
export async function refusalsOf(kubectl: Kubectl): Promise<ReadonlyMap<string, number>> {
  const log = await kubectl('-n', SYSTEM, 'logs', 'deployment/daprd', '-c', 'router');
  const times = new Map<string, number>();
  for (const line of log.split('\n')) {
    const reason = readLine(refusal, line)?.reason;
    if (reason) times.set(reason, (times.get(reason) ?? 0) + 1);
  }
  return times;
}
