import ICAL from 'ical.js';

/** An iCalendar file as another program reads it. Throws where that finds it broken. */
export function readCalendar(text: string): ICAL.Component {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  return calendar;
}

/** The first times of an entry, at most `count`: instants as RFC 3339, or dates alone. */
export function timesOf(entry: ICAL.Component, count: number): string[] {
  const dtstart = timeIn(entry, 'dtstart');
  if (!dtstart) return [];
  if (!entry.hasProperty('rrule') && !entry.hasProperty('rdate')) return [shown(dtstart)];
  const expansion = new ICAL.RecurExpansion({ component: entry, dtstart });
  const times: string[] = [];
  for (let next = expansion.next(); next && times.length < count; next = expansion.next()) times.push(shown(next));
  return times;
}

/** A time of an entry: an instant as RFC 3339, or a date alone; undefined where it has none. */
export function timeOf(entry: ICAL.Component, property: string): string | undefined {
  const time = timeIn(entry, property);
  return time && shown(time);
}

function timeIn(entry: ICAL.Component, property: string): ICAL.Time | undefined {
  return (entry.getFirstPropertyValue(property) as ICAL.Time | null) ?? undefined;
}

function shown(time: ICAL.Time): string {
  return time.isDate ? time.toString() : time.toJSDate().toISOString();
}
