/**
 * What the gateway reports while it works, for a log or a timeline.
 * Paths come without their query; bodies and headers are never reported.
 */
export type GatewayActivity =
  /** A request came for a function that does not run: its process is being started. */
  | { readonly type: 'waking'; readonly function: string }
  /** The process answers its health check, `ms` milliseconds after it was asked for. */
  | { readonly type: 'woke'; readonly function: string; readonly ms: number }
  /** A function's answer reached the caller in full. */
  | {
      readonly type: 'request';
      readonly function: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly ms: number;
    }
  /** The gateway answered in a function's stead; `reason` is meant for the operator, not for the caller. */
  | {
      readonly type: 'refused';
      readonly function: string | undefined;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly reason: string;
    }
  /** An exchange ended before its answer was complete, and the connection with it. */
  | {
      readonly type: 'cut';
      readonly function: string | undefined;
      readonly method: string;
      readonly path: string;
      readonly reason: string;
    }
  /** The process was stopped because nobody used it; `forced` when it had to be killed. */
  | { readonly type: 'slept'; readonly function: string; readonly forced: boolean }
  /** The process ended without having been asked to. */
  | {
      readonly type: 'crashed';
      readonly function: string;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly stderr: readonly string[];
    }
  /** The process ended, or did not become ready, before it could be used; no new try within `retryInMs`. */
  | {
      readonly type: 'start-failed';
      readonly function: string;
      readonly reason: string;
      readonly retryInMs: number;
      readonly stderr: readonly string[];
    }
  /** A line that the process wrote. */
  | {
      readonly type: 'output';
      readonly function: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    };

/** Takes the gateway's reports; it must not throw. */
export type ReportActivity = (activity: GatewayActivity) => void;
