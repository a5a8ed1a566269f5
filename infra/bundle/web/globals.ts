/** What stands in a bundle for Node's own `fetch`, `Headers` and `Response`. */
export { fetch } from './fetch.ts';
export { Headers } from './headers.ts';
export { Response } from './response.ts';
