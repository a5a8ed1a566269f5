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
}

/** A timeline that is printed, with the seconds since it began. */
export function timeline(print: (line: string) => void): Telling['say'] {
  const started = performance.now();
  return (mark, text) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
    print(`${seconds} s  ${mark}  ${text}`);
  };
}

/** Tells chapters one after another, all of them: one that fails, or that the world cannot have, stops none behind it. */
export async function tell(chapters: readonly Chapter[], world: World, { say, lack }: Telling): Promise<Outcome> {
  const outcome: Outcome = { seen: 0, failed: 0, skipped: 0 };
  for (const { title, needs, run } of chapters) {
    say('▶', title);
    const missing = missingIn(world, needs);
    if (missing.length > 0) {
      outcome.skipped += 1;
      say('○', `SKIPPED, for want of ${[...new Set(missing.map(lack))].join('; and of ')}`);
      continue;
    }
    try {
      await run(world, (what) => say(' ', what));
      outcome.seen += 1;
      say('✔', 'seen');
    } catch (error) {
      outcome.failed += 1;
      say('✘', error instanceof Error ? error.message : String(error));
    }
  }
  const mark = outcome.failed > 0 ? '✘' : '✔';
  say(mark, `${outcome.seen} seen, ${outcome.failed} failed, ${outcome.skipped} skipped`);
  return outcome;
}
