import { parseJson } from '../../../shared/events/json.ts';
import type { ApiAnswer, ApiRequest, Client } from '../client.ts';
import type { Ledger } from '../ledger.ts';
import type { Insist } from './insistence.ts';
import type { Repeat } from './script.ts';

/** Requests with one key at once. */
const AT_ONCE = 3;
/** A write takes some milliseconds, or a second where its function starts: hung up before, in the middle of it, or after. */
const HANG_UP_MS = 100;
const KEY_REUSED = 'urn:evolution-todo:problem:key-reused';

export interface SendOptions {
  send: Client['send'];
  insist: Insist;
  ledger: Ledger;
}

/** Sends a write until it is answered, and again as was planned; what the repeats were answered is noted. */
export async function sendAndRepeat(
  { userId, kind, request, repeat }: { userId: string; kind: string; request: ApiRequest; repeat: Repeat },
  { send, insist, ledger }: SendOptions,
): Promise<ApiAnswer | undefined> {
  const { hungUp } = ledger;
  const once = () => insist(userId, kind, request);
  const name = `${request.method} ${request.path} with the key ${request.idempotencyKey}`;
  const isHungUp =
    repeat === 'hung up' && !(await send(userId, { ...request, hangUpAfterMs: Math.ceil(Math.random() * HANG_UP_MS) }));
  const [answer, ...others] = await Promise.all(
    repeat === 'at once' ? Array.from({ length: AT_ONCE }, once) : [once()],
  );
  if (isHungUp) {
    hungUp.total += 1;
    if (isReplayed(answer)) hungUp.done += 1;
  }
  for (const other of others) note(answer, other);
  if (repeat === 'again') {
    const again = await once();
    note(answer, again);
    if (isDone(answer) && isDone(again) && !isReplayed(again)) {
      ledger.contradictions.push(`${name}: the repeat was not answered from what is kept`);
    }
  }
  if (repeat === 'other body' && isDone(answer)) await reuseKey();
  return answer;

  function note(first: ApiAnswer | undefined, again: ApiAnswer | undefined): void {
    if (!again) ledger.contradictions.push(`${name} was never answered again`);
    else if (first) ledger.repeats.push({ request: name, first: signature(first), again: signature(again) });
  }

  async function reuseKey(): Promise<void> {
    const refused = await insist(userId, 'reuse of a key', { ...request, body: otherBody(request) });
    const problem = parseJson(refused?.text ?? '') as { type?: unknown } | undefined;
    if (refused && (refused.status !== 422 || problem?.type !== KEY_REUSED)) {
      ledger.contradictions.push(`${name} and another body: ${refused.status} ${refused.text}`);
    }
  }
}

const isReplayed = (answer: ApiAnswer | undefined) => answer?.headers.get('idempotency-replayed') === 'true';

const isDone = (answer: ApiAnswer | undefined): answer is ApiAnswer => answer !== undefined && answer.status < 300;

/** A body that the operation would take, if it came with a key of its own. */
function otherBody({ path }: ApiRequest): string {
  return JSON.stringify(path.endsWith('/snooze') ? { for: 'P300D' } : { title: 'not the body of this key' });
}

/** All of an answer that is kept; of a refusal, which is not, its status. */
function signature({ status, headers, text }: ApiAnswer): string {
  return status < 300 ? `${status} ${headers.get('etag')} ${text}` : String(status);
}
