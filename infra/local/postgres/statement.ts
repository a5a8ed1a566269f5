import type { Query } from './engine.ts';
import { postgresError } from './postgresError.ts';

/** The wire protocol counts a statement's parameters in 16 bits. */
const MAX_PARAMETERS = 65_535;

const LEADING_COMMENTS = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const ENDS_A_TRANSACTION =
  /^(?:commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i;
const READS_OR_WRITES_ROWS = /^\s*(?:select|insert|update|delete|merge|with|values)\b/i;
const CHANGES_THE_SESSION =
  /^(?:set(?!\s+(?:local|transaction|constraints)\b)|reset|prepare(?!\s+transaction)|declare|listen|load)\b/i;

/** Refuses what the wire protocol can't carry in one exchange and what would leave an engine waiting for more input. */
export function assertSendable({ text, params }: Query): void {
  if (text.includes('\0')) throw postgresError('22021', 'a statement must not contain a NUL character');
  if (params.length > MAX_PARAMETERS) {
    throw postgresError('54000', `a statement takes at most ${MAX_PARAMETERS} parameters, not ${params.length}`);
  }
  if (/^copy\b/i.test(withoutLeadingComments(text))) {
    throw postgresError('0A000', 'COPY needs a connection of its own and is not possible here; use INSERT or SELECT');
  }
}

/**
 * Refuses a batch that would end its own transaction half-way: what stands after a COMMIT would run outside of it.
 * Stricter than Neon, which lets such a batch lose its atomicity.
 */
export function assertOneTransaction(queries: readonly Query[]): void {
  for (const { text } of queries) {
    const ending = ENDS_A_TRANSACTION.exec(withoutLeadingComments(text));
    if (ending) throw endsItsTransaction(ending[0].toUpperCase());
  }
}

/** Whether a statement surely ends no transaction: it reads or writes rows, and no function that it calls may. */
export function staysInItsTransaction({ text }: Query): boolean {
  return READS_OR_WRITES_ROWS.test(text);
}

/** The error for a batch whose transaction did not live to its end. */
export function endsItsTransaction(statement: string) {
  return postgresError('2D000', `${statement} is not allowed in a batch: the batch is one transaction of its own`);
}

/**
 * Whether a statement leaves something on its connection that the next user must not meet. A `set_config` for the
 * session, inside of a select, is not recognised; Neon's pooler does not allow it either.
 */
export function changesTheSession({ text }: Query): boolean {
  return CHANGES_THE_SESSION.test(withoutLeadingComments(text));
}

function withoutLeadingComments(text: string): string {
  return text.slice(LEADING_COMMENTS.exec(text)?.[0].length ?? 0);
}
