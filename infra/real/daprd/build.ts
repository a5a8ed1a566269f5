import { fileURLToPath } from 'node:url';
import { buildDaprProgram } from '../go/daprProgram.ts';

const daprd = {
  name: 'daprd',
  package: 'github.com/dapr/dapr/cmd/daprd',
  moduleFolder: fileURLToPath(new URL('.', import.meta.url)),
  // Without one of its component tags daprd panics at start; `stablecomponents` leaves out SMTP and this name resolver.
  tags: 'allcomponents',
  duration: 'about five minutes',
};

/** Builds daprd at the version that go.mod names, once on this machine, and resolves to the program's path. */
export function buildDaprd(onProgress: (step: string) => void): Promise<string> {
  return buildDaprProgram(daprd, onProgress);
}
