/** Why the gateway answers a request itself. The message is for the operator and for the sidecar. */
export class Refusal extends Error {
  readonly status: number;
  /** For clients outside: says what failed, and nothing about its inside. */
  readonly publicDetail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: string,
    options: { readonly publicDetail?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(reason);
    this.name = 'Refusal';
    this.status = status;
    this.publicDetail = options.publicDetail ?? reason;
    this.headers = options.headers ?? {};
  }
}

/** The Retry-After header (RFC 9110, 10.2.3) for a time in milliseconds: whole seconds, one at least. */
export function retryAfter(ms: number): { 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) };
}
