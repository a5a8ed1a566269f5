import { afterAll, beforeAll, describe } from 'vitest';
import { describeAnswers } from './behaviours/answers.ts';
import { describeApi } from './behaviours/api.ts';
import { describeBulk } from './behaviours/bulk.ts';
import { describeCron } from './behaviours/cron.ts';
import { describeEvents } from './behaviours/events.ts';
import { describeFailures } from './behaviours/failures.ts';
import { describeInvocation, describeInvocationPolicy } from './behaviours/invocation.ts';
import { describeJobRestarts } from './behaviours/jobRestarts.ts';
import { describeJobs } from './behaviours/jobs.ts';
import { describeOrder } from './behaviours/order.ts';
import { describeOutputBindings } from './behaviours/outputBindings.ts';
import { describeRefusals } from './behaviours/refusals.ts';
import { describeReports } from './behaviours/reports.ts';
import { describeRestarts } from './behaviours/restarts.ts';
import { describeState } from './behaviours/state.ts';
import { describeStateConditions } from './behaviours/stateConditions.ts';
import { createBench } from './bench.ts';
import type { Implementation } from './subject.ts';

/** In place of the app's policy. */
const WITHOUT_POLICY = '';

/** Declares the whole suite for one implementation of the sidecar. */
export function describeConformance(open: () => Promise<Implementation>): void {
  let implementation: Implementation;
  beforeAll(async () => {
    implementation = await open();
  });
  afterAll(() => implementation?.close());

  describe('a sidecar that runs', () => {
    const bench = createBench({ name: 'running', apiToken: 'api-secret', appToken: 'app-secret' });
    describeAnswers(bench);
    describeFailures(bench);
    describeOrder(bench);
    describeEvents(bench);
    describeRefusals(bench);
    describeBulk(bench);
    describeCron(bench);
    describeApi(bench);
    describeReports(bench);
    describeInvocationPolicy(bench);
    beforeAll(() => bench.start(implementation));
    afterAll(() => bench.close());
  });

  describe('a sidecar that is asked', () => {
    const bench = createBench({ name: 'asked', apiToken: 'api-secret', appToken: 'app-secret', database: true });
    bench.file('apps.yaml', WITHOUT_POLICY);
    describeInvocation(bench);
    describeStateConditions(bench);
    describeState(bench);
    describeOutputBindings(bench, { apiToken: 'api-secret', implementation: () => implementation });
    beforeAll(() => bench.start(implementation));
    afterAll(() => bench.close());
  });

  describe('a sidecar with jobs', () => {
    const bench = createBench({ name: 'jobs', apiToken: 'api-secret', appToken: 'app-secret', jobs: true });
    describeJobs(bench);
    describeJobRestarts(bench);
    beforeAll(() => bench.start(implementation));
    afterAll(() => bench.close());
  });

  describe('a sidecar that starts and ends', () => {
    const bench = createBench({ name: 'restarting' });
    describeRestarts(bench, () => implementation);
    afterAll(() => bench.close());
  });
}
