import { isEvent } from '../../shared/runtime/defineFunction.ts';
import { loadFunctions } from '../functions.ts';
import type { Evidence, Verdict } from './checks/check.ts';
import { runChecks } from './checks.ts';
import { type Client, createClient } from './client.ts';
import { embeddedTarget } from './embeddedTarget.ts';
import { followChanges } from './follower.ts';
import { createInjector, type Struck } from './injector.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { runLoad } from './load.ts';
import { makePlan, type PlanOptions } from './plan.ts';
import { untilQuiet } from './quiet.ts';
import { realTarget } from './realTarget.ts';
import { createTally, type Tally } from './tally.ts';
import type { Remains, Target } from './target.ts';

export interface FaultsOptions extends PlanOptions {
  /** Writes per second, at most. */
  rate: number;
  onProgress: (line: string) => void;
  /** Is given what ends the run before its time, and removes its data. */
  onStarted?: (close: () => Promise<void>) => void;
}

/** Everything that a run did and found. */
export interface FaultsResult {
  options: PlanOptions & { rate: number };
  counts: Record<string, { acknowledged: number; refused: number; unknown: number }>;
  /** Of the creations that nobody knows of, how many were done. */
  unknownCreations: { total: number; done: number };
  /** Of the requests whose client hung up before they were answered, how many were done. */
  hungUp: { total: number; done: number };
  events: Record<string, number>;
  notifications: Record<string, number>;
  tally: Omit<Tally, 'add'>;
  hits: Struck[];
  verdicts: Verdict[];
  /** What was left to do when patience ended; undefined when all was quiet. */
  notQuiet: string | undefined;
  seconds: { load: number; quiet: number; total: number };
  /** Where the run's data and logs are; undefined when every promise was kept, and they were removed. */
  dataDir: string | undefined;
}

/** Whether a run kept every promise. */
export function isSound({ verdicts, notQuiet }: Pick<FaultsResult, 'verdicts' | 'notQuiet'>): boolean {
  return notQuiet === undefined && verdicts.every(({ violations }) => violations.length === 0);
}

/**
 * Starts a platform (the functions' bundles must be there), loads it, hits it, heals it, waits until it is quiet, and holds
 * what is left against its promises.
 */
export async function runFaults(options: FaultsOptions): Promise<FaultsResult> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const say = (line: string) => options.onProgress(`${elapsed().toFixed(1).padStart(7)} s  ${line}`);
  const tally = createTally();
  const start = options.platform === 'real' ? realTarget : embeddedTarget;
  const target = await start({ onProgress: say, onActivity: tally.add });
  options.onStarted?.(() => target.close(false));
  const ledger = createLedger();
  const client = createClient(target, ledger);
  const follower = followChanges(followedUsers(options), { client, ledger });
  let sound = false;
  try {
    const subscribers = (await loadFunctions())
      .filter(isEvent)
      .map(({ name, trigger }) => ({ type: trigger.event, function: name }));

    const loadStartedAt = elapsed();
    const hits = await hitAndLoad(options, { target, client, ledger, subscribers, say });
    const load = elapsed() - loadStartedAt;

    say('the load is over and everything runs: waiting until all is quiet');
    const notQuiet = await untilQuiet(target, { ledger, subscribers });
    const quiet = elapsed() - loadStartedAt - load;
    await follower.finish();
    say(notQuiet ? `not quiet: ${notQuiet}` : 'all is quiet: checking');

    const evidence: Evidence = { ...(await target.halt()), ledger, subscribers };
    const verdicts = await runChecks(evidence);
    sound = isSound({ verdicts, notQuiet });
    const { platform, seed, writes, users, hits: planned, rate } = options;
    const { deliveries, functions, restarts } = tally;
    return {
      options: { platform, seed, writes, users, hits: planned, rate },
      counts: Object.fromEntries(ledger.counts),
      hungUp: ledger.hungUp,
      unknownCreations: await unknownCreations(evidence, ledger),
      events: await countBy(evidence, 'event_type', 'outbox'),
      notifications: await countBy(evidence, 'kind', 'notifications'),
      tally: { deliveries, functions, restarts },
      hits,
      verdicts,
      notQuiet,
      seconds: { load, quiet, total: elapsed() },
      dataDir: sound ? undefined : target.dataDir,
    };
  } finally {
    follower.stop();
    await target.close(!sound);
  }
}

/** Users whose change feeds are followed: a few, since each is read again and again. */
const FOLLOWED = 4;

function followedUsers({ users }: PlanOptions): string[] {
  return Array.from({ length: Math.min(users, FOLLOWED) }, (_, index) => `user-${index + 1}`);
}

interface Run extends Pick<Evidence, 'ledger' | 'subscribers'> {
  target: Target;
  client: Client;
  say: (line: string) => void;
}

async function hitAndLoad(
  options: FaultsOptions,
  { target, client, ledger, subscribers, say }: Run,
): Promise<Struck[]> {
  const plan = makePlan(options);
  const struck: Struck[] = [];
  let taken = 0;
  const injector = createInjector({
    hits: plan.hits,
    target,
    client,
    onStruck(hit) {
      struck.push(hit);
      const { name, landed, recoveredInMs } = hit;
      const recovered =
        recoveredInMs === null ? 'not recovered' : `recovered in ${(recoveredInMs / 1000).toFixed(1)} s`;
      const place = `step ${taken}/${plan.steps.length}, hit ${struck.length}/${plan.hits.length}`;
      say(`${place}: ${name}${landed ? '' : ' (nothing to hit)'}, ${recovered}`);
    },
  });
  await runLoad({
    steps: plan.steps,
    rate: options.rate,
    client,
    target,
    ledger,
    consumedTypes: subscribers.map(({ type }) => type),
    injector,
    onStep: () => {
      taken += 1;
    },
  });
  await injector.settled();
  return struck;
}

async function unknownCreations({ sql }: Remains, { unknownTitles }: Ledger): Promise<{ total: number; done: number }> {
  const [row] = await sql<{ done: string }>(
    `select count(distinct t.title)::text as done
     from tasks t join jsonb_array_elements_text($1::jsonb) as a (title) on a.title = t.title`,
    [JSON.stringify(unknownTitles)],
  );
  return { total: unknownTitles.length, done: Number(row?.done ?? 0) };
}

async function countBy({ sql }: Remains, column: 'event_type' | 'kind', table: 'outbox' | 'notifications') {
  const rows = await sql<{ name: string; count: string }>(
    `select ${column} as name, count(*)::text as count from ${table} group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}
