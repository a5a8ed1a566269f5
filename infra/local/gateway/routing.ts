/** Whom a route is for: clients outside, or the sidecar with events and ticks. */
export type Audience = 'public' | 'internal';

/** One method and path that a function takes, in Hono's path syntax restricted to whole `:param` segments. */
export interface Route {
  readonly audience: Audience;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
}

/** What has routes, and a name to be called by in messages. */
export interface RouteOwner {
  readonly definition: { readonly name: string; readonly routes: readonly Route[] };
}

/** Where a request belongs: to an owner, to a path with other methods (RFC 9110, 15.5.6), or nowhere. */
export type RouteMatch<Owner> =
  | { readonly kind: 'owner'; readonly owner: Owner }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown' };

/** Finds the owner of a method and a path (no query) among the routes of one listener. */
export type Router<Owner> = (method: string, path: string) => RouteMatch<Owner>;

/** The path at which the gateway answers for itself. */
export const HEALTH_PATH = '/healthz';

interface CompiledRoute<Owner> {
  readonly method: string;
  readonly segments: readonly string[];
  readonly owner: Owner;
}

/**
 * Builds the router of a listener for these audiences. A fixed segment wins over a parameter, and HEAD goes where GET
 * goes. Throws when two owners take the same method and path, or a path cannot be routed.
 */
export function createRouter<Owner extends RouteOwner>(
  owners: readonly Owner[],
  audiences: readonly Audience[],
): Router<Owner> {
  const routes = owners
    .flatMap((owner) =>
      owner.definition.routes.filter(({ audience }) => audiences.includes(audience)).map((r) => compile(owner, r)),
    )
    .sort((a, b) => (rank(a.segments) < rank(b.segments) ? -1 : 1));
  refuseDuplicates(routes);

  return function route(method, path) {
    const segments = decodedSegments(path);
    const onPath = segments === undefined ? [] : routes.filter((candidate) => matches(candidate.segments, segments));
    if (onPath.length === 0) return { kind: 'unknown' };
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = onPath.find((candidate) => candidate.method === wanted);
    if (found !== undefined) return { kind: 'owner', owner: found.owner };
    return { kind: 'wrong-method', allow: allowedMethods(onPath) };
  };
}

function compile<Owner extends RouteOwner>(owner: Owner, { method, path }: Route): CompiledRoute<Owner> {
  const segments = path.split('/');
  const routable = path.startsWith('/') && segments.every((segment) => /^(:\w+|[\w.~-]*)$/.test(segment));
  if (!routable)
    throw new Error(`${owner.definition.name}: cannot route the path ${path}. Use fixed segments and :parameters.`);
  if (path === HEALTH_PATH)
    throw new Error(`${owner.definition.name}: ${path} is the gateway's own. Choose another path.`);
  return { method, segments, owner };
}

function refuseDuplicates<Owner extends RouteOwner>(routes: readonly CompiledRoute<Owner>[]): void {
  const taken = new Map<string, string>();
  for (const { method, segments, owner } of routes) {
    const shape = `${method} ${segments.map((segment) => (isParameter(segment) ? ':' : segment)).join('/')}`;
    const other = taken.get(shape);
    if (other !== undefined) {
      throw new Error(
        `${other} and ${owner.definition.name} both take ${method} ${segments.join('/')}. Change one of them.`,
      );
    }
    taken.set(shape, owner.definition.name);
  }
}

/**
 * Undefined for a path that a URL parser would rewrite (`..`, `%2e%2e`, a backslash): the function would see
 * another path than the one that was checked here, perhaps one of another audience.
 */
function decodedSegments(path: string): readonly string[] | undefined {
  if (!URL.canParse(`http://gateway${path}`) || new URL(`http://gateway${path}`).pathname !== path) return undefined;
  return path.split('/').map((segment) => (segment.includes('%') ? decodeLeniently(segment) : segment));
}

function decodeLeniently(segment: string): string {
  try {
    return decodeURI(segment);
  } catch {
    return segment;
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (isParameter(part) ? segments[index] !== '' : part === segments[index]))
  );
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':');
}

/** Sorts fixed segments before parameters, from left to right. */
function rank(segments: readonly string[]): string {
  return segments.map((segment) => (isParameter(segment) ? '1' : '0')).join('');
}

function allowedMethods<Owner>(routes: readonly CompiledRoute<Owner>[]): readonly string[] {
  const methods = new Set(routes.map((route) => route.method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
