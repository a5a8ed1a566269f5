/** What makes headers: a record of them, others, or pairs. */
export type HeadersSource = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

/**
 * The part of the web's `Headers` that functions and what they use need. Where Node's own loads its whole `fetch`, which
 * costs a start 20 ms, this costs nothing. What no header may hold is refused where it is sent, by `node:http`. No
 * function sets a cookie: `set-cookie` is a header like any other.
 */
export class Headers {
  readonly #values = new Map<string, string>();

  constructor(source: HeadersSource = {}) {
    for (const [name, value] of isIterable(source) ? source : Object.entries(source)) this.append(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), String(value).trim());
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  forEach(use: (value: string, name: string) => void): void {
    for (const [name, value] of this) use(value, name);
  }

  entries(): IterableIterator<[string, string]> {
    return this[Symbol.iterator]();
  }

  /** By name, as the standard says. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)).values();
  }
}

function isIterable(source: HeadersSource): source is Iterable<readonly [string, string]> {
  return Symbol.iterator in source;
}
