import { Headers, type HeadersSource } from './headers.ts';

/** What a response is made with; another response does as well. */
export interface ResponseSource {
  status?: number | undefined;
  headers?: HeadersSource | undefined;
}

/** The part of the web's `Response` that functions and what they use need: its body is there as a whole. See `Headers`. */
export class Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Uint8Array | null;

  constructor(body: string | Uint8Array | null = null, { status = 200, headers }: ResponseSource = {}) {
    this.status = status;
    this.headers = new Headers(headers);
    this.body = body;
    if (typeof body === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/plain;charset=UTF-8');
    }
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  async text(): Promise<string> {
    return typeof this.body === 'string' ? this.body : new TextDecoder().decode(this.body ?? undefined);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    return typeof this.body === 'string' ? Buffer.from(this.body) : (this.body ?? new Uint8Array());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return Uint8Array.from(await this.bytes()).buffer;
  }
}
