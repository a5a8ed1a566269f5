import type { Context } from './defineFunction.ts';
import type { Environment } from './environment.ts';
import type { Log } from './log.ts';

/** What the adapter of a trigger needs to answer its requests with a function. */
export interface Invocation {
  environment: Environment;
  log: Log;
  /** A handler's context, with the time of now. */
  createContext(): Context;
  /** Takes work that goes on after the answer. */
  inBackground(work: Promise<unknown>): void;
  /** Resolves when nothing is under way in the background any more. */
  settled(): Promise<void>;
}
