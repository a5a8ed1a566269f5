import type { EventData } from '../../shared/events/catalogue.ts';

/** What an event says of a plain task; what a test is about, it says itself. */
export function taskSnapshot(about: Partial<EventData<'task.created'>> = {}): EventData<'task.created'> {
  return {
    version: 1,
    title: 'Buy milk',
    priority: 'medium',
    tags: [],
    series_id: null,
    created_at: '2026-11-25T08:00:00.000Z',
    due_at: null,
    completed_at: null,
    ...about,
  };
}
