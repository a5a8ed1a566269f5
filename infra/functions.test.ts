import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { defineFunction } from '../shared/runtime/defineFunction.ts';
import { loadFunctions, refuseNobodysJobs, refuseTwoMailers, schedulesWithoutJobs } from './functions.ts';
import { cronBindings } from './generate/dapr.ts';
import { knativeService } from './generate/knative.ts';

const cron = (name: string) =>
  defineFunction({
    name,
    summary: 'Does nothing.',
    trigger: { cron: '@daily', binding: name },
    handler: async () => ({}),
  });
const mailer = (name: string) => ({ ...cron(name), sendsEmail: true }) as const;

test('a second function that sends e-mails is refused, and both are named', () => {
  expect(() => refuseTwoMailers([mailer('first'), cron('other'), mailer('second')])).toThrow(
    'only one function may send e-mails, not first and second',
  );
  expect(() => refuseTwoMailers([mailer('first'), cron('other')])).not.toThrow();
});

test('a function that sends e-mails has one instance at most, others several', () => {
  const maxScale = (definition: ReturnType<typeof cron>) =>
    Number(
      parse(knativeService(definition, '1')).spec.template.metadata.annotations['autoscaling.knative.dev/max-scale'],
    );
  expect(maxScale(mailer('mailer'))).toBe(1);
  expect(maxScale(cron('other'))).toBeGreaterThan(1);
});

test('a job that a function sets wakes some function', () => {
  const setter = { ...cron('setter'), setsJobs: ['reminders-due'] };
  const taker = defineFunction({
    name: 'taker',
    summary: 'Does nothing.',
    trigger: { job: 'reminders-due' },
    handler: async () => ({}),
  });
  expect(() => refuseNobodysJobs([setter, cron('other')])).toThrow(
    'setter sets reminders-due, and no function has a job of that name',
  );
  expect(() => refuseNobodysJobs([setter, taker])).not.toThrow();
});

test('where jobs wake what is due, every cron comes once an hour; without them those that look for it come each minute', async () => {
  const definitions = await loadFunctions();
  const schedulesOf = (yaml: string) => new Set(yaml.match(/(?<=name: schedule\n {6}value: ).*/g));
  expect(schedulesOf(cronBindings(definitions))).toEqual(new Set(['0 * * * *']));
  expect(schedulesWithoutJobs(definitions)).toEqual({
    'delivery-scheduler': '* * * * *',
    'outbox-scheduler': '* * * * *',
    'reminder-scheduler': '* * * * *',
  });
  expect(schedulesOf(cronBindings(definitions, schedulesWithoutJobs(definitions)))).toEqual(
    new Set(['"* * * * *"', '0 * * * *']),
  );
});
