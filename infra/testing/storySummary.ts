import { chapters } from '../story/chapters.ts';
import { summaryOf } from '../story/tell.ts';
import type { Capability } from '../story/world.ts';

/** The last words of the story where all of it is seen that can be, told without these. */
export function summaryWithout(lacking: readonly Capability[]): string {
  const seen = chapters.filter(({ needs }) => !needs.some((need) => lacking.includes(need))).length;
  return summaryOf({ seen, failed: 0, skipped: chapters.length - seen });
}
