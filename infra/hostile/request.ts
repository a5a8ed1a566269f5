/** A request, ready to be sent. */
export interface HostileRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  /** Its token is one that nobody may take. */
  forged: boolean;
  /** What is wrong with it; nothing, in a valid one. */
  hostilities: string[];
}

/** Shown of a header and of a body: tokens and long texts are told by their beginnings. */
const SHOWN = 600;

/** A request as a person can send it again: each part as JSON, so that every character of it can be seen. */
export function describeRequest({ method, path, headers, body }: HostileRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `  -H ${shown(`${name}: ${value}`)}`);
  const data = body && `  --data ${shown(Buffer.from(body).toString('latin1'))} (${body.length} bytes, as Latin-1)`;
  return [`${method} ${shown(path)}`, ...lines, ...(data ? [data] : [])].join('\n');
}

function shown(text: string): string {
  const ascii = JSON.stringify(text).replaceAll(/[\u007f-\uffff]/g, escaped);
  return ascii.length > SHOWN ? `${ascii.slice(0, SHOWN)}…` : ascii;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
