import { DomainError } from '../domain/errors.ts';

/** Reads a request's JSON body, at most `limit` bytes of it, or throws a DomainError that says what is wrong. */
export async function readJson(request: Request, accepted: AcceptedBody): Promise<unknown> {
  requireContentType(request, accepted.contentTypes);
  return decodeJson(await readBytes(request, accepted.limit));
}

/** What a request's body may be; `limit` in bytes. */
export interface AcceptedBody {
  contentTypes: readonly string[];
  limit: number;
}

export function requireContentType(request: Request, contentTypes: readonly string[]): void {
  const contentType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (contentType && contentTypes.includes(contentType)) return;
  throw new DomainError('unsupported_media_type', `Send ${contentTypes.join(' or ')}.`);
}

/** Decodes JSON in UTF-8, or throws a DomainError that says what is wrong. */
export function decodeJson(bytes: Uint8Array): unknown {
  return parseJson(decodeUtf8(bytes));
}

/** Reads a request's body, or throws a DomainError as soon as it is known to have more than `limit` bytes. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = () => new DomainError('too_large', `A body may have at most ${limit} bytes.`);
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The length announced may be missing or wrong, so what really arrives is counted as well.
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DomainError('malformed', 'The body is not UTF-8.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError('malformed', `The body is not JSON: ${(error as Error).message}`);
  }
}
