/** What became of one attempt to send a delivery. */
export type Attempt =
  | { outcome: 'taken'; responseStatus: number | null }
  /** `failed` is worth another try, `refused` is not; `gone`: nothing should ever be sent there again. */
  | { outcome: 'failed' | 'refused' | 'gone'; responseStatus: number | null; error: string; cause?: unknown };
