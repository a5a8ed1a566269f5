import type { Random } from './random.ts';

/** What can be hit. `sidecar` is the embedded one, which lives in the platform's process. */
export type PartName = 'function' | 'platform' | 'daprd' | 'scheduler' | 'kafka' | 'postgres' | 'sidecar';

/**
 * One fault: the part's process is killed (SIGKILL), or stopped (SIGSTOP), or its part taken down, for `ms`, or what it
 * has kept is taken away.
 */
export interface Blow {
  part: PartName;
  how: 'kill' | 'stop' | 'down' | 'empty';
  /** How long it is stopped or down. */
  ms: number;
  /** Which of several running processes, from 0 up to 1. */
  choice: number;
}

/** Blows at the same time, before a step of the load. */
export interface Hit {
  beforeStep: number;
  blows: Blow[];
}

/** The parts that a run is made on: each platform has its own. */
export type PlatformName = 'real' | 'embedded';

/** A hit of two parts at once is rarer than that of one, but happens. */
const DOUBLE_SHARE = 0.2;

const DECKS: Record<PlatformName, [PartName, Blow['how'], number][]> = {
  real: [
    ['function', 'kill', 4],
    ['function', 'stop', 2],
    ['platform', 'kill', 2],
    ['platform', 'stop', 1],
    ['daprd', 'kill', 2],
    ['daprd', 'stop', 1],
    ['scheduler', 'kill', 1],
    ['scheduler', 'stop', 1],
    ['scheduler', 'empty', 1],
    ['kafka', 'kill', 1],
    ['kafka', 'stop', 1],
    ['postgres', 'kill', 2],
    ['postgres', 'stop', 1],
  ],
  embedded: [
    ['function', 'kill', 4],
    ['function', 'stop', 2],
    ['platform', 'kill', 3],
    ['platform', 'stop', 1],
    ['sidecar', 'down', 2],
  ],
};

/** Plans hits that are spread over a load of so many steps. */
export function planHits(
  { platform, hits }: { platform: PlatformName; hits: number },
  steps: number,
  random: Random,
): Hit[] {
  const draw = deckOf(platform, random);
  return Array.from({ length: hits }, (_, index) => {
    const room = steps / hits;
    const beforeStep = Math.floor((index + 0.1 + 0.8 * random.next()) * room);
    const first = draw();
    const second = random.chance(DOUBLE_SHARE) ? draw() : undefined;
    // The same part twice at once would be one blow.
    return { beforeStep, blows: second && second.part !== first.part ? [first, second] : [first] };
  });
}

/** Deals blows from a shuffled deck, so that each kind has its share also in a short run. */
function deckOf(platform: PlatformName, random: Random): () => Blow {
  const cards = DECKS[platform].flatMap(([part, how, share]) => Array.from({ length: share }, () => ({ part, how })));
  let deck: typeof cards = [];
  return () => {
    if (deck.length === 0) deck = random.shuffle(cards);
    const card = deck.pop() as (typeof cards)[number];
    return { ...card, ms: random.integer(500, 5_000), choice: random.next() };
  };
}
