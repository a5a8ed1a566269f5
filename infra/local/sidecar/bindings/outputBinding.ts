/** What is asked of an output binding. */
export interface BindingRequest {
  /** JSON. */
  data: unknown;
  metadata: ReadonlyMap<string, string>;
}

/** A component that takes something out of the system. */
export interface OutputBinding {
  name: string;
  type: string;
  operations: readonly string[];
  /** @throws when it did not work, worded as daprd's component words it */
  invoke(request: BindingRequest, signal: AbortSignal | undefined): Promise<void>;
}
