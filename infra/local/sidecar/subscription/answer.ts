import type { AppResponse } from '../appChannel.ts';

/** What the app's answer to an event means. */
export type Answer = { effect: 'done' } | { effect: 'retry'; reason: string } | { effect: 'drop'; reason: string };

/** Reads an answer as Dapr does (https://docs.dapr.io/reference/api/pubsub_api/#expected-http-response). */
export function readAnswer({ status, body }: AppResponse): Answer {
  if (status === 404) return { effect: 'drop', reason: 'the app answered 404' };
  if (status < 200 || status > 299) return { effect: 'retry', reason: `the app answered ${status}` };
  const answered = statusOf(body.toString('utf8'));
  switch (answered) {
    case '':
    case 'SUCCESS':
      return { effect: 'done' };
    case 'DROP':
      return { effect: 'drop', reason: 'the app answered DROP' };
    case 'RETRY':
      return { effect: 'retry', reason: 'the app answered RETRY' };
    default:
      return { effect: 'retry', reason: `the app answered the unknown status "${answered}"` };
  }
}

/** The `status` of a JSON object, its name in any case as Go reads it; empty where there is none or it is no string. */
function statusOf(text: string): string {
  if (text === '') return '';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    const status = Object.entries(value).findLast(([name]) => name.toLowerCase() === 'status')?.[1];
    return typeof status === 'string' ? status : '';
  } catch {
    return '';
  }
}
