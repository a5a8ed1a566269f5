import { freePort } from '../listen.ts';

/** Lends out free TCP ports of 127.0.0.1, each to one borrower at a time. */
export interface PortLender {
  borrow(): Promise<number>;
  giveBack(port: number): void;
}

/**
 * A lender that asks the system for a free port by binding and releasing it. Another program can still take the
 * port before the borrower binds it, who then fails with EADDRINUSE and must borrow again.
 */
export function createPortLender(): PortLender {
  const lent = new Set<number>();

  return {
    async borrow() {
      for (;;) {
        const port = await freePort();
        if (lent.has(port)) continue;
        lent.add(port);
        return port;
      }
    },

    giveBack(port) {
      lent.delete(port);
    },
  };
}
