import { bundleSizeFigure } from './bundleSize.ts';
import { coldStartFigure } from './coldStart.ts';
import { consumeRateFigure } from './consumeRate.ts';
import { createRateFigure } from './createRate.ts';
import { cronClaimFigure } from './cronClaim.ts';
import { effectFigure, effectRealFigure } from './effect.ts';
import type { Figure } from './figure.ts';
import { latenessFigure, latenessRealFigure } from './lateness.ts';
import { latenessByJobFigure, latenessByJobRealFigure } from './latenessByJob.ts';
import { memoryFigure } from './memory.ts';
import { nextOccurrenceFigure } from './nextOccurrence.ts';
import { pagesFigure } from './pages.ts';
import { relayRateFigure } from './relayRate.ts';
import { restMemoryFigure, restMemoryRealFigure } from './restMemory.ts';

/** Everything that the bench can measure. */
export const figures: readonly Figure[] = [
  coldStartFigure,
  bundleSizeFigure,
  memoryFigure,
  nextOccurrenceFigure,
  cronClaimFigure,
  pagesFigure,
  createRateFigure,
  effectFigure,
  effectRealFigure,
  latenessFigure,
  latenessRealFigure,
  latenessByJobFigure,
  latenessByJobRealFigure,
  relayRateFigure,
  consumeRateFigure,
  restMemoryFigure,
  restMemoryRealFigure,
];
