/** Requests that wait for their turn, first come, first served. */
export interface WaitingLine<Turn> {
  readonly size: number;
  /** Resolves with the turn; rejects with the signal's reason when it aborts first, or as `refuseAll` says. */
  enter(signal: AbortSignal): Promise<Turn>;
  /** Gives the turn to the one that has waited longest; there must be one. */
  admit(turn: Turn): void;
  refuseAll(reason: Error): void;
}

interface Waiter<Turn> {
  readonly resolve: (turn: Turn) => void;
  readonly reject: (reason: unknown) => void;
}

/** An empty line. Its length is the caller's to limit. */
export function createWaitingLine<Turn>(): WaitingLine<Turn> {
  const waiters = new Set<Waiter<Turn>>();

  return {
    get size() {
      return waiters.size;
    },

    enter(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          waiters.delete(waiter);
          signal.removeEventListener('abort', onAbort);
        };
        const onAbort = () => waiter.reject(signal.reason);
        const waiter: Waiter<Turn> = {
          resolve: (turn) => {
            leave();
            resolve(turn);
          },
          reject: (reason) => {
            leave();
            reject(reason);
          },
        };
        signal.addEventListener('abort', onAbort);
        waiters.add(waiter);
      });
    },

    admit(turn) {
      const [first] = waiters;
      first?.resolve(turn);
    },

    refuseAll(reason) {
      for (const waiter of [...waiters]) waiter.reject(reason);
    },
  };
}
