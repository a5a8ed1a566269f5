import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import type { Chapter } from './chapter.ts';
import { type Capability, missingIn, type World } from './world.ts';

/** What has become of a story's chapters. */
export interface Outcome {
  seen: number;
  failed: number;
  skipped: number;
}

export interface Telling {
  /** Takes a line of the timeline: a mark of one character, and what it says. */
  say(mark: string, text: string): void;
  /** What a world without a capability lacks, and what would give it that. */
  lack(capability: Capability): string;
  /** How many chapters to tell at once (1). More than one only where each has a user of its own. */
  atOnce?: number;
}

/** A timeline that is printed, with the seconds since it began. */
export function timeline(print: (line: string) => void): Telling['say'] {
  const started = performance.now();
  return (mark, text) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
    print(`${seconds} s  ${mark}  ${text}`);
  };
}

/**
 * Tells chapters one after another, or so many of them at once, with its number in each line of one. All of them: one that
 * fails, or that the world cannot have, stops no other.
 */
export async function tell(
  chapters: readonly Chapter[],
  world: World,
  { say, lack, atOnce = 1 }: Telling,
): Promise<Outcome> {
  const numbered = chapters.map((chapter, index) => ({ chapter, number: index + 1 }));
  const ends = await mapConcurrently(numbered, atOnce, ({ chapter, number }) => {
    const sayOfIt: Telling['say'] = (mark, text) =>
      say(mark, atOnce > 1 ? `${String(number).padStart(2)}  ${text}` : text);
    return tellOne(chapter, world, { say: sayOfIt, lack });
  });
  const count = (end: keyof Outcome) => ends.filter((each) => each === end).length;
  const outcome = { seen: count('seen'), failed: count('failed'), skipped: count('skipped') };
  const mark = outcome.failed > 0 ? '✘' : '✔';
  say(mark, summaryOf(outcome));
  return outcome;
}

export function summaryOf({ seen, failed, skipped }: Outcome): string {
  return `${seen} seen, ${failed} failed, ${skipped} skipped`;
}

async function tellOne(
  { title, needs, run }: Chapter,
  world: World,
  { say, lack }: Pick<Telling, 'say' | 'lack'>,
): Promise<keyof Outcome> {
  say('▶', title);
  const missing = missingIn(world, needs);
  if (missing.length > 0) {
    say('○', `SKIPPED, for want of ${[...new Set(missing.map(lack))].join('; and of ')}`);
    return 'skipped';
  }
  try {
    await run(world, (what) => say(' ', what));
    say('✔', 'seen');
    return 'seen';
  } catch (error) {
    say('✘', error instanceof Error ? error.message : String(error));
    return 'failed';
  }
}
