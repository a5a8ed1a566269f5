import type { ColdStart } from './coldProcess.ts';
import { contender } from './coldStartPrograms.ts';
import { type Row, row } from './figure.ts';
import type { Rung } from './ladder/ladder.ts';
import { type Summary, summarise } from './statistics.ts';
import type { MeasuredFunction, Subjects } from './subjects.ts';

/** A start, and how long the database worked meanwhile, in milliseconds. */
export type Run = ColdStart & { database: number };

/** What a person or an event waits for. */
const firstAnswer: Record<MeasuredFunction, string> = {
  createTask: 'first 201 of POST /tasks',
  onTaskCreated: 'first event handled',
};

/** Milliseconds of a start; null where they are not known. */
type Span = (run: Run) => number | null;

const listening: Span = (run) => run.listening;
const answered: Span = (run) => run.answered;
const database: Span = (run) => run.database;
const withoutDatabase: Span = (run) => run.answered - run.database;
const computing: Span = (run) => run.cpu;

/**
 * A function's rows: itself beside the bare server and other programs, and the ladder up to it, in computing time, which
 * tells small steps apart. Of a yardstick that was not measured it says so.
 */
export function coldStartRows(
  name: MeasuredFunction,
  { version, cached }: Pick<Subjects, 'version' | 'cached'>,
  ladder: readonly Rung[],
  measured: ReadonlyMap<string, readonly Run[]>,
): Row[] {
  const subject = `${name}, Node ${version.split('.')[0]}${cached ? ', compiled before' : ''}`;
  const answer = firstAnswer[name];
  const { bare } = contender;
  const summaryOf = (program: string, span: Span): Summary | undefined => {
    const known = (measured.get(program) ?? []).map(span).filter((ms) => ms !== null);
    return known.length > 0 ? summarise(known) : undefined;
  };
  const rowOf = (what: string, ms: Summary | undefined, yardstick: Summary | undefined, goal?: number): Row[] =>
    ms && yardstick ? [row(`${subject}${what}`, { unit: 'ms', measured: ms, yardstick, goal: goal ?? null })] : [];
  const besideBare = (what: string, span: Span) => rowOf(what, summaryOf(name, span), summaryOf(bare, span));
  const bareAnswered = summaryOf(bare, answered);
  const ofDatabase = summaryOf(name, database);
  const beside = (what: string, program: string): Row[] => {
    const ms = summaryOf(name, answered);
    const yardstick = summaryOf(program, answered);
    if (ms && !yardstick) return [row(`${subject}: ${answer}; ${what} is missing here`, { unit: 'ms', measured: ms })];
    return rowOf(`: ${answer}, beside ${what}`, ms, yardstick);
  };
  return [
    ...besideBare(': listening', listening),
    ...besideBare(`: ${answer}`, answered),
    ...(ofDatabase ? [row(`${subject}: of that, the database`, { unit: 'ms', measured: ofDatabase })] : []),
    ...rowOf(`: ${answer}, without the database`, summaryOf(name, withoutDatabase), bareAnswered, cached ? 1.15 : 1.4),
    ...besideBare(': computing until then', computing),
    ...beside('itself with whole packages', contender.whole(name)),
    ...beside('FastAPI with Dapr’s SDK', contender.fastApi(name)),
    ...ladder.flatMap((rung) =>
      rowOf(
        `: computing of a program up to ${rung.part}`,
        summaryOf(contender.rung(name, rung), computing),
        summaryOf(bare, computing),
      ),
    ),
  ];
}
