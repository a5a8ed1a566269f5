import { type Capability, missingIn, offers, type World, type WorldWith } from './world.ts';

/** Tells what was seen, for the timeline. */
export type Narrate = (what: string) => void;

/** A part of the story: it throws where something does not happen as it should, or the world lacks what it needs. */
export interface Chapter {
  title: string;
  /** What it needs of a world beside the API. */
  needs: readonly Capability[];
  run(world: World, narrate: Narrate): Promise<void>;
}

/** A chapter that runs on worlds with what it `needs`, and only there. */
export function chapter<const Needed extends Capability = never>(definition: {
  title: string;
  needs?: readonly Needed[];
  run(world: WorldWith<Needed>, narrate: Narrate): Promise<void>;
}): Chapter {
  const { title, needs = [], run } = definition;
  return {
    title,
    needs,
    async run(world, narrate) {
      if (!offers(world, needs)) throw new Error(`this world lacks: ${missingIn(world, needs).join(', ')}`);
      await run(world, narrate);
    },
  };
}
