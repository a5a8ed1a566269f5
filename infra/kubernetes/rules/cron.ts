import { isCron } from '../../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import { daprResources, metadataValue, type System } from './objects.ts';
import type { Rule } from './rule.ts';

const cronBindings = (system: System) =>
  daprResources(system, 'Component').filter(({ spec }) => spec.type === 'bindings.cron');

/** Without it daprd asks the route at its start, which wakes a function that sleeps, or misses it. */
export const cronDirection: Rule = {
  name: 'cron-direction',
  check: (system) =>
    cronBindings(system)
      .filter((binding) => metadataValue(binding, 'direction') !== 'input')
      .map(({ metadata }) => `${metadata.name} lacks "direction: input"`),
};

/** Each function that time wakes has its binding, and its schedule. */
export const cronComplete: Rule = {
  name: 'cron',
  check: (system) =>
    system.definitions.filter(isCron).flatMap(({ name, trigger }) => {
      const binding = cronBindings(system).find(({ metadata }) => metadata.name === trigger.binding);
      if (!binding) return [`${name} has no binding ${trigger.binding}`];
      const { path } = routeOf(trigger);
      return [
        ...(metadataValue(binding, 'schedule') === trigger.cron ? [] : [`${trigger.binding} is not ${trigger.cron}`]),
        ...(metadataValue(binding, 'route') === path ? [] : [`${trigger.binding} does not call ${path}`]),
      ];
    }),
};
