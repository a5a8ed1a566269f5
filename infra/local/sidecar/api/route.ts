import type { IncomingMessage } from 'node:http';

/** What is answered; an object as JSON, text as it is. */
export interface Reply {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: object | string;
}

/** The answer of what has nothing to say. */
export const NO_CONTENT: Reply = { status: 204 };

/** A part of the API: what `path` captures comes decoded, in its order. */
export interface ApiRoute {
  methods: readonly string[];
  path: RegExp;
  handle(request: IncomingMessage, url: URL, parameters: string[]): Promise<Reply> | Reply;
}

const METADATA_PREFIX = 'metadata.';

/** The metadata of a request, `?metadata.<name>=<value>`; of several values of a name the first. */
export function requestMetadata({ searchParams }: URL): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [name, value] of searchParams) {
    const key = name.slice(METADATA_PREFIX.length);
    if (name.startsWith(METADATA_PREFIX) && !metadata.has(key)) metadata.set(key, value);
  }
  return metadata;
}
