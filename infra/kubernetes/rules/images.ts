import { allContainers } from './objects.ts';
import type { Rule } from './rule.ts';

/** The same manifest is the same program, today and when it is rolled back to. */
export const images: Rule = {
  name: 'images',
  check: (system) =>
    allContainers(system)
      .filter(({ container }) => !isPinned(container.image))
      .map(({ owner, container }) => `${owner}: ${container.image} names no version, and no digest`),
};

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag !== undefined && /\d/.test(tag) && !tag.startsWith('latest');
}
