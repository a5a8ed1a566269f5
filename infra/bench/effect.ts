import { alternate } from './alternate.ts';
import { type Figure, type MeasureOptions, type Row, row } from './figure.ts';
import { type MeasuredPlatform, type Parts, withPlatform } from './platform.ts';
import { quantileOf, summarise } from './statistics.ts';

/** Of one run. */
const POSTS = 200;
const POSTS_SHORT = 10;
const MOST_RUNS = 5;
const PATIENCE_MS = 30_000;
/** A machine of one's own, where everything shares the cores with everything else. */
const GOALS = { embedded: { p50: 15, p99: 100 }, real: { p50: null, p99: null } };

/** What a task takes to its notification on the embedded platform, with every function awake. */
export const effectFigure: Figure = {
  name: 'effect',
  summary: 'from POST /tasks to the end of onTaskCreated, warm, on the embedded platform',
  measure: (options) => measureEffect('embedded', options),
};

/** The same where Kafka, daprd and Postgres are themselves. */
export const effectRealFigure: Figure = {
  name: 'effectReal',
  summary: 'the same on Kafka, daprd and Postgres',
  onRealParts: true,
  measure: (options) => measureEffect('real', options),
};

function measureEffect(parts: Parts, { runs: wanted, short, onProgress, signal }: MeasureOptions): Promise<Row[]> {
  const runs = Math.min(wanted, MOST_RUNS);
  return withPlatform(
    parts,
    async (platform) => {
      // The run that is not counted wakes everything.
      const posts = { name: 'posts', run: () => postInTurn(platform, short ? POSTS_SHORT : POSTS) };
      const all = (await alternate([posts], { runs, onProgress, signal })).get(posts.name) ?? [];
      const of = (fraction: number) => summarise(all.map((times) => quantileOf(times, fraction)));
      const { p50, p99 } = GOALS[parts];
      const subject = `POST to effect, ${parts} parts`;
      return [
        row(`${subject}: p50`, { unit: 'ms', measured: of(0.5), goal: p50 }),
        row(`${subject}: p99`, { unit: 'ms', measured: of(0.99), goal: p99 }),
      ];
    },
    onProgress,
  );
}

/** Creates tasks one after the other, each once the one before it has had its effect; what each took, in milliseconds. */
async function postInTurn({ apiUrl, token, nextWorkOf }: MeasuredPlatform, posts: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${await token('bench')}`, 'content-type': 'application/json' };
  const times: number[] = [];
  while (times.length < posts) {
    const handled = nextWorkOf('onTaskCreated');
    const started = performance.now();
    const { status } = await fetch(`${apiUrl}/tasks`, { method: 'POST', headers, body: '{"title":"Buy milk"}' });
    if (status !== 201) throw new Error(`POST /tasks was answered with ${status}`);
    await within(PATIENCE_MS, handled);
    times.push(performance.now() - started);
  }
  return times;
}

function within(ms: number, work: Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(ms);
  return new Promise((resolve, reject) => {
    late.onabort = () => reject(new Error(`a task had no effect within ${ms} ms`));
    work.then(resolve, reject);
  });
}
