import type { IncomingMessage } from 'node:http';

/** Meant for one connection, not for the message (RFC 9110, 7.6.1, and what proxies treat alike). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** A Connection header that names these would take the message's frame or address away. */
const NEVER_HOP_BY_HOP = new Set(['content-length', 'host']);
/** Written anew; `expect` has been answered by the time a request is passed on. */
const REPLACED = new Set(['x-forwarded-for', 'expect']);
const REPLACED_WITH_HOST = new Set([...REPLACED, 'host']);

/**
 * The headers of a request as the function gets them: name, value, name, value, and so on. Its Host is the one that is
 * given, or else the request's own.
 */
export function requestHeaders(request: IncomingMessage, upstreamHost?: string): string[] {
  const { headers, socket } = request;
  const host = headers.host ?? 'localhost';
  const clients = [headers['x-forwarded-for'] ?? [], socket.remoteAddress ?? 'unknown'].flat();
  const forwarded = endToEndHeaders(request, upstreamHost === undefined ? REPLACED : REPLACED_WITH_HOST);
  forwarded.push('x-forwarded-for', clients.join(', '));
  if (headers['x-forwarded-proto'] === undefined) forwarded.push('x-forwarded-proto', 'http');
  if (headers['x-forwarded-host'] === undefined) forwarded.push('x-forwarded-host', host);
  if (upstreamHost !== undefined || headers.host === undefined) forwarded.push('host', upstreamHost ?? host);
  // Left to itself, Node frames the body of a method that rarely has one (DELETE) not at all.
  if (headers['transfer-encoding'] !== undefined) forwarded.push('transfer-encoding', 'chunked');
  return forwarded;
}

/** The headers of a function's answer as the caller gets them: name, value, name, value, and so on. */
export function responseHeaders(response: IncomingMessage): string[] {
  return endToEndHeaders(response, new Set());
}

/** A message's headers without those of its connection and those named (in lower case): name, value, and so on. */
export function endToEndHeaders(
  { rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  without: ReadonlySet<string>,
): string[] {
  const named = new Set(headers.connection?.toLowerCase().split(/\s*,\s*/));
  const isKept = (name: string) =>
    !HOP_BY_HOP.has(name) && !without.has(name) && (!named.has(name) || NEVER_HOP_BY_HOP.has(name));
  return rawHeaders.filter((_, index) => isKept((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}
