import type { System } from './objects.ts';

/** What must hold of every overlay. */
export interface Rule {
  /** What a failure is called. */
  name: string;
  /** Says what breaks it, one sentence each; nothing where it holds. */
  check(system: System): string[];
}
