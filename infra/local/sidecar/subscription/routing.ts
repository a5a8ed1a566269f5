import type { ProgrammaticSubscription, SubscriptionResource } from '../resources/schemas.ts';

/** A subscription of the app, wherever it was declared. */
export interface Subscription {
  pubsubName: string;
  topic: string;
  rules: readonly RouteRule[];
  deadLetterTopic: string | undefined;
  metadata: Readonly<Record<string, string>>;
  type: 'DECLARATIVE' | 'PROGRAMMATIC';
}

/** The first rule that matches an event decides where it goes; one without `match` takes every event. */
export interface RouteRule {
  match: string | undefined;
  path: string;
  matches(event: Readonly<Record<string, unknown>>): boolean;
}

/** @throws when a rule can't be read */
export function declarativeSubscription({ spec }: SubscriptionResource): Subscription {
  return subscription({ ...spec, route: undefined }, 'DECLARATIVE');
}

/** @throws when a rule can't be read */
export function programmaticSubscription(item: ProgrammaticSubscription): Subscription {
  return subscription(item, 'PROGRAMMATIC');
}

function subscription(declared: ProgrammaticSubscription, type: Subscription['type']): Subscription {
  const { pubsubname: pubsubName, topic, route, routes, deadLetterTopic, metadata, bulkSubscribe } = declared;
  if (bulkSubscribe?.enabled)
    throw new Error(`the subscription to ${topic} asks for bulk delivery, which is not offered here`);
  const fallback = routes?.default ?? route;
  const rules: RouteRule[] = [];
  for (const { match, path } of routes?.rules ?? []) rules.push({ match, path, matches: parseMatch(match) });
  if (fallback) rules.push({ match: undefined, path: fallback, matches: () => true });
  if (rules.length === 0) throw new Error(`the subscription to ${topic} has no route`);
  return { pubsubName, topic, rules, deadLetterTopic: deadLetterTopic || undefined, metadata: metadata ?? {}, type };
}

const COMPARISON = /^event((?:\.[A-Za-z_]\w*)+)\s*(==|!=)\s*("(?:[^"\\]|\\.)*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false)$/;

/**
 * Reads the comparisons out of Dapr's rule language (CEL) that routing by type or version needs:
 * `event.type == "task.created"`, `event.data.version != 1`, joined by `&&`.
 */
function parseMatch(match: string): RouteRule['matches'] {
  const comparisons = match.split('&&').map((part) => {
    const [, path, operator, literal] = COMPARISON.exec(part.trim()) ?? [];
    if (path === undefined || literal === undefined) {
      throw new Error(
        `the rule ${match} can't be evaluated here; use comparisons such as event.type == "task.created"`,
      );
    }
    const names = path.slice(1).split('.');
    const expected: unknown = literal.startsWith("'") ? literal.slice(1, -1) : JSON.parse(literal);
    return (event: unknown) => (valueAt(event, names) === expected) === (operator === '==');
  });
  return (event) => comparisons.every((compare) => compare(event));
}

function valueAt(event: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    event,
  );
}
