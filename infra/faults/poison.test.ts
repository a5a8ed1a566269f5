import { expect, it } from 'vitest';
import { eventTypes } from '../../shared/events/catalogue.ts';
import { parseCloudEvent } from '../../shared/events/event.ts';
import type { Defect } from './plan.ts';
import { poisonEvent } from './poison.ts';

const TASK = '00000000-0000-4000-8000-000000000001';
const onTheWire = (event: object): unknown => JSON.parse(JSON.stringify(event));

it.each<[Defect, string[]]>([
  ['no data', ['data']],
  ['missing fields', ['data.task_id']],
  ['other type', ['data.event_type']],
  ['other id', ['']],
])('an event with %s is unreadable, and for no other reason', (defect, places) => {
  for (const type of eventTypes) {
    const { error } = parseCloudEvent(type, onTheWire(poisonEvent(type, defect, TASK)));
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(places);
  }
});
