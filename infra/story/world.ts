/** Where something answers over HTTP, and the headers that every request to it carries. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One of a story's users, as the system knows them. */
export interface Identity {
  /** The subject of the token. */
  readonly id: string;
  readonly token: string;
}

/** What one system offers to a chapter and another does not. The platforms of our own offer all of it. */
export interface Capabilities {
  /** Each name is a user of its own, new with this run: all that a chapter finds of them is its own doing. */
  newUsers: true;
  /** Operators' functions, with a token of theirs. On Kubernetes nothing leads to them from outside. */
  admin: Endpoint;
  /** The API as the sidecar's callers reach it, by service invocation, and what the sidecar asks of them. */
  invocation: Endpoint;
  /** Publishes a CloudEvent as it is, past the functions, and resolves once the broker has it. */
  publish(topic: string, event: object, key: string): Promise<void>;
  /** Types of the events of a task that the broker took, in its order. */
  publishedTypes(taskId: string): Promise<readonly string[]>;
  /** Lets the sidecar be away for a while. */
  sidecar: { stop(): Promise<void>; start(): Promise<void> };
  functions: FunctionWatch;
  /** E-mails that were sent, oldest first. */
  emails(): Promise<readonly { recipients: readonly string[]; subject: string }[]>;
  receiver: ReceiverAddress;
}

/** What is seen of the functions from outside of them. */
export interface FunctionWatch {
  readonly names: readonly string[];
  /** Names of the functions whose logs tell of this trace. */
  inTrace(traceId: string): Promise<ReadonlySet<string>>;
  /** Names of the functions that are not at zero now. */
  awake(): Promise<ReadonlySet<string>>;
  /** Names of the functions that went from zero to one instance, and back to zero, since the start. */
  wokenAndSlept(): Promise<ReadonlySet<string>>;
}

/** Where a receiver of webhooks can listen, and the URL under which the functions reach it there. */
export interface ReceiverAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

export type Capability = keyof Capabilities;

/** What a chapter can do to the system that it runs on, whatever that is made of. */
export interface World extends Partial<Capabilities> {
  readonly api: Endpoint;
  /** One of the story's users; a name is the same user each time. */
  user(name: string): Promise<Identity>;
  /** What has not happened after so long does not happen, in ms: longer than any cron's interval and any start from zero. */
  readonly patienceMs: number;
  /** Told of everything that a chapter creates: its path, and the headers with which its user can delete it. */
  onCreated?(path: string, headers: Endpoint['headers']): void;
}

/** A world that offers everything, as those on platforms of our own do. */
export type CompleteWorld = WorldWith<Capability>;

/** A world that surely offers what is named. */
export type WorldWith<Needed extends Capability> = World & Required<Pick<World, Needed>>;

/** Which of these the world does not offer. */
export function missingIn(world: World, needs: readonly Capability[]): Capability[] {
  return needs.filter((capability) => world[capability] === undefined);
}

export function offers<Needed extends Capability>(world: World, needs: readonly Needed[]): world is WorldWith<Needed> {
  return missingIn(world, needs).length === 0;
}
