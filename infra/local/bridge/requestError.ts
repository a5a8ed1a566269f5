/** A request that can't be served, with the HTTP status that says so. */
export type RequestError = Error & { status: number };

/** Makes a `RequestError`. */
export function requestError(status: number, message: string): RequestError {
  return Object.assign(new Error(message), { name: 'RequestError', status });
}

/** Whether an error is a `RequestError`. */
export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'RequestError';
}
