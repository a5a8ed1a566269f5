import { describe } from 'vitest';
import { ODD_ZONES } from '../../infra/testing/randomCalendar.ts';
import { testRandomRules } from '../../infra/testing/randomRules.ts';

const regions = ['UTC', 'Europe', 'America', 'Africa', 'Antarctica'];

describe.each(ODD_ZONES.filter((zone) => regions.includes(zone.split('/')[0] ?? '')))(
  'random rules in %s have the occurrences that a walk through all days finds',
  testRandomRules,
);
