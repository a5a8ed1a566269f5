import { fileURLToPath } from 'node:url';
import { buildDaprProgram } from '../go/daprProgram.ts';

const scheduler = {
  name: 'scheduler',
  package: '.',
  moduleFolder: fileURLToPath(new URL('.', import.meta.url)),
  tags: '',
  duration: 'about two minutes',
  forImage: true,
};

/** Builds Dapr's scheduler at the version that go.mod names, once on this machine, and resolves to the program's path. */
export function buildScheduler(onProgress: (step: string) => void): Promise<string> {
  return buildDaprProgram(scheduler, onProgress);
}
