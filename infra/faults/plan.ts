import { type Hit, type PlatformName, planHits } from './hits.ts';
import { type Creation, type PlannedTask, planTask } from './plannedTask.ts';
import { createRandom, type Random } from './random.ts';
import { planScript, type Script } from './scripts/script.ts';

/** How a task is completed: once, twice one after the other, or by several requests at once. */
export type Completion = 'complete' | 'complete twice' | 'complete at once';

/** One thing that the load does. */
export type Step =
  | { kind: Creation; user: string; task: PlannedTask }
  /** Completes what step `target` created; where that was not acknowledged, `instead` is written. */
  | { kind: Completion; user: string; target: number; instead: PlannedTask }
  /** Creates a task, and writes to it in order, each write until it is answered. */
  | { kind: 'script'; user: string; script: Script }
  /** Publishes `copies` of an event that was published already: the `recency`th last. */
  | { kind: 'copy'; recency: number; copies: number }
  /** Publishes an event that nobody can take. */
  | { kind: 'poison'; defect: Defect; topicChoice: number; target: number };

/** What is wrong with a poison event. */
export type Defect = 'no data' | 'missing fields' | 'other type' | 'other id';

/** Everything that a run does, but for the moments. */
export interface Plan {
  steps: Step[];
  hits: Hit[];
}

export interface PlanOptions {
  platform: PlatformName;
  seed: number;
  /** Of those in scripts, each counts. */
  writes: number;
  users: number;
  hits: number;
}

/** The share of each kind of write. Creations come first: there must be something to complete. */
const KINDS: (Creation | Completion | 'script')[] = [
  ...Array<Creation>(12).fill('plain'),
  ...Array<Creation>(4).fill('due'),
  ...Array<Creation>(10).fill('reminders'),
  ...Array<Creation>(4).fill('recurring'),
  ...Array<Completion>(7).fill('complete'),
  ...Array<Completion>(2).fill('complete twice'),
  ...Array<Completion>(3).fill('complete at once'),
  ...Array<'script'>(5).fill('script'),
];
/** Writes of a script, its creation included. */
const SHORTEST_SCRIPT = 3;
const LONGEST_SCRIPT = 9;
const COPY_SHARE = 0.06;
/** Each poison event is one more dead letter; a few show as much as many. */
const POISON_SHARE = 0.006;
const LEAST_POISON = 4;
/** A completion's target was written this many steps before, at most: some reminders come due before, some after. */
const LONGEST_GAP = 250;

/** Plans a run: the same options give the same plan. */
export function makePlan(options: PlanOptions): Plan {
  const random = createRandom(options.seed);
  const steps = planSteps(options, random);
  return { steps, hits: planHits(options, steps.length, random) };
}

function planSteps({ seed, writes, users }: PlanOptions, random: Random): Step[] {
  const steps: Step[] = [];
  const created: Created[] = [];
  const poisonAt = Array.from({ length: Math.max(LEAST_POISON, Math.round(writes * POISON_SHARE)) }, () =>
    random.integer(0, writes - 1),
  );
  let written = 0;
  while (written < writes) {
    const first = written;
    const user = `user-${random.integer(1, users)}`;
    const step = planWrite(
      { user, title: `${seed}-${first}`, room: writes - first, place: steps.length },
      created,
      random,
    );
    written += writesOf(step);
    steps.push(step);
    const latest = steps.length - 1;
    if (random.chance(COPY_SHARE)) {
      steps.push({ kind: 'copy', recency: random.integer(0, 60), copies: random.integer(1, 3) });
    }
    for (const _ of poisonAt.filter((write) => write >= first && write < written)) {
      const defect = random.pick<Defect>(['no data', 'missing fields', 'other type', 'other id']);
      const target = created.length > 0 ? random.pick(created).step : latest;
      steps.push({ kind: 'poison', defect, topicChoice: random.next(), target });
    }
  }
  return steps;
}

/** A task that a step creates, and that others can complete. */
interface Created {
  step: number;
  user: string;
  recurring: boolean;
  targeted: boolean;
}

/** Plans a step that writes, at most `room` writes; what it creates is noted in `created`. */
function planWrite(
  { user, title, room, place }: { user: string; title: string; room: number; place: number },
  created: Created[],
  random: Random,
): Step {
  const kind = random.pick(KINDS);
  if (kind === 'script' && room >= SHORTEST_SCRIPT) {
    const length = random.integer(SHORTEST_SCRIPT, Math.min(room, LONGEST_SCRIPT));
    return { kind, user, script: planScript(title, length - 1, random) };
  }
  const target = isCompletion(kind) ? chooseTarget(created, place, random) : undefined;
  if (isCompletion(kind) && target) {
    target.targeted = true;
    return { kind, user: target.user, target: target.step, instead: planTask('plain', title, random) };
  }
  const creation = isCompletion(kind) || kind === 'script' ? 'plain' : kind;
  created.push({ step: place, user, recurring: creation === 'recurring', targeted: false });
  return { kind: creation, user, task: planTask(creation, title, random) };
}

/** How many of the writes that were asked for a step is; copies and poison are none. */
export function writesOf(step: Step): number {
  if (step.kind === 'script') return 1 + step.script.writes.length;
  return step.kind === 'copy' || step.kind === 'poison' ? 0 : 1;
}

/** Whether a kind of step completes a task. */
export function isCompletion(kind: Step['kind']): kind is Completion {
  return kind.startsWith('complete');
}

function chooseTarget(created: readonly Created[], step: number, random: Random): Created | undefined {
  const near = created.filter((task) => step - task.step <= LONGEST_GAP);
  // What was completed before is, now and then, completed again; a series goes on only when its instance is done.
  const fresh = random.chance(0.1) ? near : near.filter(({ targeted }) => !targeted);
  const recurring = random.chance(0.4) ? fresh.filter((task) => task.recurring) : [];
  const candidates = recurring.length > 0 ? recurring : fresh;
  return candidates.length > 0 ? random.pick(candidates) : undefined;
}
