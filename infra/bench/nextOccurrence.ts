import { type Calendar, occurrenceAt, readRule } from '../../shared/domain/recurrence.ts';
import { chancesFrom, ODD_ZONES, randomNumbers } from '../testing/randomCalendar.ts';
import { datesDayByDay } from '../testing/recurrenceOracle.ts';
import { alternate } from './alternate.ts';
import { type Figure, row } from './figure.ts';
import { computingMs } from './processUsage.ts';
import { type Engine, others, own, type Question } from './recurrenceEngines.ts';
import { summarise } from './statistics.ts';

/** Rules as people have them; of the first kinds there are most. */
const KINDS: readonly ((chances: ReturnType<typeof chancesFrom>) => string)[] = [
  () => 'FREQ=DAILY',
  () => 'FREQ=WEEKLY',
  () => 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  ({ oneOf }) => `FREQ=WEEKLY;INTERVAL=2;BYDAY=${oneOf(['MO', 'TH', 'TU,FR', 'SA'])}`,
  ({ upTo }) => `FREQ=DAILY;INTERVAL=${1 + upTo(9)}`,
  ({ upTo }) => `FREQ=MONTHLY;BYMONTHDAY=${upTo(28)}`,
  ({ oneOf }) => `FREQ=MONTHLY;BYDAY=${oneOf(['1MO', '2TU', '3WE', '-1FR'])}`,
  () => 'FREQ=MONTHLY;BYMONTHDAY=-1',
  () => 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
  ({ oneOf }) => `FREQ=MONTHLY;INTERVAL=${oneOf([2, 3, 6])};BYMONTHDAY=31`,
  ({ upTo }) => `FREQ=YEARLY;BYMONTH=${upTo(12)};BYMONTHDAY=${upTo(28)}`,
  () => 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH',
  ({ upTo }) => `FREQ=YEARLY;BYWEEKNO=${upTo(52)};BYDAY=MO`,
];
const RULES = 1000;
const RULES_SHORT = 20;
const SEED = 1;
/** ical.js takes a quarter of a minute for all rules. */
const MOST_RUNS = 5;
const TODAY = '2026-11-28T12:00:00';
const TIME = 'T09:00:00';
/** Times that an engine is asked, of the daily rule: so many that the clock is exact enough, and no more. */
const CALLS = { own: 2000, others: 20 };

/** A question, and the right answer: found by looking at each day, with nothing of any engine. */
interface Answered extends Question {
  next: string | undefined;
}

/**
 * What it costs to find the next occurrence: as a cron does it, from the row of a series, so with reading the rule. Told
 * as computing time, which other processes do not lengthen. Each of the others is measured on the rules that it answers
 * rightly.
 */
export const nextOccurrenceFigure: Figure = {
  name: 'nextOccurrence',
  summary: `the next occurrence of a daily rule of ten years, and of 1,000 mixed rules, beside ${Object.keys(others).join(', ')}`,
  async measure({ runs: wanted, short, onProgress, signal }) {
    onProgress('next occurrence');
    const runs = Math.min(wanted, MOST_RUNS);
    const daily = questionOf('FREQ=DAILY', `2016-11-28${TIME}`, 'America/New_York');
    const mixed = mixedQuestions(short ? RULES_SHORT : RULES);
    const wrong = mixed.filter((question) => own(question) !== question.next);
    if (wrong.length > 0) throw new Error(`${wrong.length} rules are answered wrongly: ${JSON.stringify(wrong[0])}`);

    const repeated = (answer: Engine, calls: number) => async () => {
      const total = computingMs(() => {
        for (let call = 0; call < calls; call += 1) answer(daily);
      });
      return (1000 * total) / calls;
    };
    const all = (answer: Engine, questions: readonly Question[]) => async () =>
      (1000 * computingMs(() => questions.forEach(answer))) / questions.length;
    const rivals = Object.entries(others).map(([name, answer]) => {
      const right = mixed.filter((question) => answer(question) === question.next);
      return { name, answer, right };
    });
    const measured = await alternate(
      [
        { name: 'daily', run: repeated(own, CALLS.own) },
        { name: 'all', run: all(own, mixed) },
        ...rivals.flatMap(({ name, answer, right }) => [
          { name: `daily, ${name}`, run: repeated(answer, CALLS.others) },
          { name: `what is right, ${name}`, run: all(answer, right) },
          { name: `of what is right, ${name}`, run: all(own, right) },
        ]),
      ],
      { runs, onProgress, signal },
    );
    const beside = (name: string, yardstick: string) => {
      const [subject, other] = [name, yardstick].map((of) => summarise(measured.get(of) ?? []));
      if (!subject || !other) throw new Error(`${name} was not measured`);
      return { unit: 'µs' as const, goal: 1, measured: subject, yardstick: other };
    };
    return [
      ...rivals.map(({ name }) => row(`a daily rule of ten years, beside ${name}`, beside('daily', `daily, ${name}`))),
      ...rivals.map(({ name, right }) =>
        row(
          `of ${mixed.length} mixed rules the ${right.length} that ${name} answers rightly, each`,
          beside(`of what is right, ${name}`, `what is right, ${name}`),
        ),
      ),
      row(`all ${mixed.length} mixed rules, each`, { unit: 'µs', measured: summarise(measured.get('all') ?? []) }),
    ];
  },
};

function questionOf(rule: string, start: string, timeZone: string): Answered {
  const calendar: Calendar = { rule, start, timeZone, overflow: 'skip', gap: 'shift', exdates: [], rdates: [] };
  const { rule: read } = readRule(rule);
  if (!read) throw new Error(`${rule} is no rule`);
  let next: string | undefined;
  for (const date of datesDayByDay(read, start.slice(0, 10), calendar.overflow)) {
    next = `${date}${TIME}`;
    if (next > TODAY) break;
  }
  return { calendar, after: TODAY, afterAt: occurrenceAt(TODAY, timeZone).at, next };
}

/** Rules that began up to fifteen years ago, at a date of theirs: where the first is none, engines differ about it. */
function mixedQuestions(count: number): Answered[] {
  const chances = chancesFrom(randomNumbers(SEED));
  return Array.from({ length: count }, () => {
    const common = Math.min(chances.upTo(KINDS.length), chances.upTo(KINDS.length));
    const rule = KINDS[common - 1]?.(chances) ?? 'FREQ=DAILY';
    const { rule: read } = readRule(rule);
    const begun = new Date(Date.UTC(2026, 10, 28 - chances.upTo(15 * 365))).toISOString().slice(0, 10);
    const [first = begun] = read ? datesDayByDay(read, begun, 'skip') : [];
    return questionOf(rule, `${first}${TIME}`, chances.oneOf(ODD_ZONES));
  });
}
