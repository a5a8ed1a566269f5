import { OWN_LABEL } from '../deploy/objects.ts';
import type { Rule } from './rule.ts';

/** By its label an object is known as this system's own, and is removed once the overlay no longer has it. */
export const owned: Rule = {
  name: 'owned',
  check({ objects }) {
    const [label = '', value] = OWN_LABEL.split('=');
    return objects
      .filter(({ metadata }) => metadata.labels?.[label] !== value)
      .map(({ kind, metadata }) => `${kind} ${metadata.name} lacks the label ${OWN_LABEL}`);
  },
};
