import { isCron } from '../../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import { daprResources, metadataValue, type System } from './objects.ts';
import type { Rule } from './rule.ts';

export const cronBindings = (system: System) =>
  daprResources(system, 'Component').filter(({ spec }) => spec.type === 'bindings.cron');

/** Without it daprd asks the route at its start, which wakes a function that sleeps, or misses it. */
export const cronDirection: Rule = {
  name: 'cron-direction',
  check: (system) =>
    cronBindings(system)
      .filter((binding) => metadataValue(binding, 'direction') !== 'input')
      .map(({ metadata }) => `${metadata.name} lacks "direction: input"`),
};

/** Each function that time wakes has its binding, and one of its schedules: which of them, `wake-ups` looks at. */
export const cronComplete: Rule = {
  name: 'cron',
  check: (system) =>
    system.definitions.filter(isCron).flatMap(({ name, trigger }) => {
      const binding = cronBindings(system).find(({ metadata }) => metadata.name === trigger.binding);
      if (!binding) return [`${name} has no binding ${trigger.binding}`];
      const { path } = routeOf(trigger);
      const schedules = [trigger.cron, trigger.withoutJobs];
      return [
        ...(schedules.includes(metadataValue(binding, 'schedule'))
          ? []
          : [`${trigger.binding} is not ${trigger.cron}`]),
        ...(metadataValue(binding, 'route') === path ? [] : [`${trigger.binding} does not call ${path}`]),
      ];
    }),
};
