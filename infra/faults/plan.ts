import { createRandom, type Random } from './random.ts';

/** A task that is to be written. Times are relative to the moment when it is sent, in seconds. */
export interface PlannedTask {
  /** Unique within the run, so that a write that was done twice shows. */
  title: string;
  priority: 'low' | 'medium' | 'high';
  tags: string[];
  due?: { inSeconds: number; timeZone: string };
  /** Reminders at instants; negative ones have passed already. */
  remindInSeconds: number[];
  /** Reminders before the due time, as ISO 8601 durations. */
  remindBefore: string[];
  rule?: string;
}

/** How a task is completed: once, twice one after the other, or by several requests at once. */
export type Completion = 'complete' | 'complete twice' | 'complete at once';
export type Creation = 'plain' | 'due' | 'reminders' | 'recurring';

/** One thing that the load does. */
export type Step =
  | { kind: Creation; user: string; task: PlannedTask }
  /** Completes what step `target` created; where that was not acknowledged, `instead` is written. */
  | { kind: Completion; user: string; target: number; instead: PlannedTask }
  /** Publishes `copies` of an event that was published already: the `recency`th last. */
  | { kind: 'copy'; recency: number; copies: number }
  /** Publishes an event that nobody can take. */
  | { kind: 'poison'; defect: Defect; topicChoice: number; target: number };

/** What is wrong with a poison event. */
export type Defect = 'no data' | 'missing fields' | 'other type' | 'other id';

/** What can be hit. `sidecar` is the embedded one, which lives in the platform's process. */
export type PartName = 'function' | 'platform' | 'daprd' | 'kafka' | 'postgres' | 'sidecar';

/** One fault: the part's process is killed (SIGKILL), or stopped (SIGSTOP), or its part taken down, for `ms`. */
export interface Blow {
  part: PartName;
  how: 'kill' | 'stop' | 'down';
  /** How long it is stopped or down. */
  ms: number;
  /** Which of several running processes, from 0 up to 1. */
  choice: number;
}

/** Blows at the same time, before a step of the load. */
export interface Hit {
  beforeStep: number;
  blows: Blow[];
}

/** Everything that a run does, but for the moments. */
export interface Plan {
  steps: Step[];
  hits: Hit[];
}

export interface PlanOptions {
  platform: 'real' | 'embedded';
  seed: number;
  writes: number;
  users: number;
  hits: number;
}

/** The share of each kind of write. Creations come first: there must be something to complete. */
const KINDS: (Creation | Completion)[] = [
  ...Array<Creation>(12).fill('plain'),
  ...Array<Creation>(4).fill('due'),
  ...Array<Creation>(10).fill('reminders'),
  ...Array<Creation>(4).fill('recurring'),
  ...Array<Completion>(7).fill('complete'),
  ...Array<Completion>(2).fill('complete twice'),
  ...Array<Completion>(3).fill('complete at once'),
];
const COPY_SHARE = 0.06;
/** Each poison event is one more dead letter; a few show as much as many. */
const POISON_SHARE = 0.006;
const LEAST_POISON = 4;
/** A hit of two parts at once is rarer than that of one, but happens. */
const DOUBLE_SHARE = 0.2;
/** A completion's target was written this many steps before, at most: some reminders come due before, some after. */
const LONGEST_GAP = 250;

const DECKS: Record<PlanOptions['platform'], [PartName, Blow['how'], number][]> = {
  real: [
    ['function', 'kill', 4],
    ['function', 'stop', 2],
    ['platform', 'kill', 2],
    ['platform', 'stop', 1],
    ['daprd', 'kill', 2],
    ['daprd', 'stop', 1],
    ['kafka', 'kill', 1],
    ['kafka', 'stop', 1],
    ['postgres', 'kill', 2],
    ['postgres', 'stop', 1],
  ],
  embedded: [
    ['function', 'kill', 4],
    ['function', 'stop', 2],
    ['platform', 'kill', 3],
    ['platform', 'stop', 1],
    ['sidecar', 'down', 2],
  ],
};

/** Plans a run: the same options give the same plan. */
export function makePlan(options: PlanOptions): Plan {
  const random = createRandom(options.seed);
  const steps = planSteps(options, random);
  return { steps, hits: planHits(options, steps.length, random) };
}

function planSteps({ seed, writes, users }: PlanOptions, random: Random): Step[] {
  const steps: Step[] = [];
  const created: { step: number; user: string; recurring: boolean; targeted: boolean }[] = [];
  const poisonAt = new Set(
    Array.from({ length: Math.max(LEAST_POISON, Math.round(writes * POISON_SHARE)) }, () =>
      random.integer(0, writes - 1),
    ),
  );
  for (let write = 0; write < writes; write += 1) {
    const user = `user-${random.integer(1, users)}`;
    const title = `${seed}-${write}`;
    const kind = random.pick(KINDS);
    const target = isCompletion(kind) ? chooseTarget(created, steps.length, random) : undefined;
    if (isCompletion(kind) && target) {
      target.targeted = true;
      steps.push({ kind, user: target.user, target: target.step, instead: planTask('plain', title, random) });
    } else {
      const creation = isCompletion(kind) ? 'plain' : kind;
      created.push({ step: steps.length, user, recurring: creation === 'recurring', targeted: false });
      steps.push({ kind: creation, user, task: planTask(creation, title, random) });
    }
    if (random.chance(COPY_SHARE)) {
      steps.push({ kind: 'copy', recency: random.integer(0, 60), copies: random.integer(1, 3) });
    }
    if (poisonAt.has(write)) {
      const defect = random.pick<Defect>(['no data', 'missing fields', 'other type', 'other id']);
      steps.push({ kind: 'poison', defect, topicChoice: random.next(), target: random.pick(created).step });
    }
  }
  return steps;
}

/** Whether a kind of step completes a task. */
export function isCompletion(kind: Step['kind']): kind is Completion {
  return kind.startsWith('complete');
}

function chooseTarget<T extends { step: number; recurring: boolean; targeted: boolean }>(
  created: readonly T[],
  step: number,
  random: Random,
): T | undefined {
  const near = created.filter((task) => step - task.step <= LONGEST_GAP);
  // What was completed before is, now and then, completed again; a series goes on only when its instance is done.
  const fresh = random.chance(0.1) ? near : near.filter(({ targeted }) => !targeted);
  const recurring = random.chance(0.4) ? fresh.filter((task) => task.recurring) : [];
  const candidates = recurring.length > 0 ? recurring : fresh;
  return candidates.length > 0 ? random.pick(candidates) : undefined;
}

const DAY = 24 * 60 * 60;
const ZONES = ['UTC', 'Europe/Madrid', 'Asia/Kolkata', 'America/New_York'];
/** Without clock changes: a day is 24 hours, and the next slot falls into the run. */
const STEADY_ZONES = ['UTC', 'Asia/Kolkata', 'Asia/Tokyo'];
/** The last reminder of a run comes due this long after its last write, in seconds. */
export const LONGEST_WAIT_SECONDS = 8;

function planTask(kind: Creation, title: string, random: Random): PlannedTask {
  const task: PlannedTask = {
    title,
    priority: random.pick(['low', 'medium', 'high'] as const),
    tags: ['home', 'work', 'größer'].filter(() => random.chance(0.3)),
    remindInSeconds: [],
    remindBefore: [],
  };
  const soon = () => random.integer(1, LONGEST_WAIT_SECONDS);
  if (kind === 'due') {
    // Due in the run or after it, and reminded at the due time, before it, or too late.
    const inSeconds = random.chance(0.5) ? soon() : random.integer(1, 400) * DAY;
    task.due = { inSeconds, timeZone: random.pick(ZONES) };
    task.remindBefore = ['PT0S', 'PT5S', 'P1D', 'PT1H'].filter(() => random.chance(0.4));
  }
  if (kind === 'reminders') {
    task.remindInSeconds = Array.from({ length: random.integer(1, 3) }, () => {
      const when = random.next();
      return when < 0.7 ? soon() : when < 0.85 ? random.integer(1, 300) * DAY : -random.integer(60, 3 * DAY);
    });
  }
  if (kind === 'recurring') {
    const period = random.pick([1, 7]);
    const start = soon() - random.integer(1, 3) * period * DAY;
    task.due = { inSeconds: start, timeZone: random.pick(STEADY_ZONES) };
    task.rule = period === 1 ? 'FREQ=DAILY' : 'FREQ=WEEKLY';
    task.remindBefore = random.chance(0.5) ? [random.pick(['PT0S', 'PT3S'])] : [];
  }
  return task;
}

function planHits({ platform, hits }: PlanOptions, steps: number, random: Random): Hit[] {
  const draw = deckOf(platform, random);
  return Array.from({ length: hits }, (_, index) => {
    const room = steps / hits;
    const beforeStep = Math.floor((index + 0.1 + 0.8 * random.next()) * room);
    const first = draw();
    const second = random.chance(DOUBLE_SHARE) ? draw() : undefined;
    // The same part twice at once would be one blow.
    return { beforeStep, blows: second && second.part !== first.part ? [first, second] : [first] };
  });
}

/** Deals blows from a shuffled deck, so that each kind has its share also in a short run. */
function deckOf(platform: PlanOptions['platform'], random: Random): () => Blow {
  const cards = DECKS[platform].flatMap(([part, how, share]) => Array.from({ length: share }, () => ({ part, how })));
  let deck: typeof cards = [];
  return () => {
    if (deck.length === 0) deck = random.shuffle(cards);
    const card = deck.pop() as (typeof cards)[number];
    return { ...card, ms: random.integer(500, 5_000), choice: random.next() };
  };
}
