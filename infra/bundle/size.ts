import type { Metafile } from 'esbuild';

/** The most that a function may read at its start, in bytes: what is read must be compiled, or its compiled form read. */
export const STARTUP_LIMIT = 300_000;

/** What a bundle weighs. Sizes in bytes, minified. */
export interface BundleSize {
  /** What is read at every start: the entry and the chunks that it imports statically. */
  startup: number;
  /** What is read only when needed. */
  onDemand: number;
  /** The packages (and the project itself) that weigh most in `startup`, heaviest first. */
  largest: { name: string; bytes: number }[];
}

/** Weighs a bundle by what esbuild says of it. */
export function bundleSize({ outputs }: Metafile): BundleSize {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint && path.endsWith('/index.js'));
  if (!entry) throw new Error('this metafile has no entry point index.js');
  const startup = staticClosure(outputs, entry);
  const all = Object.keys(outputs).filter((path) => path.endsWith('.js'));
  const total = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  return {
    startup: total(startup),
    onDemand: total(all.filter((path) => !startup.has(path))),
    largest: byPackage(outputs, startup),
  };
}

function staticClosure(outputs: Metafile['outputs'], entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { kind, path: imported, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) visit(imported);
    }
  };
  visit(entry);
  return seen;
}

function byPackage(outputs: Metafile['outputs'], paths: Iterable<string>): { name: string; bytes: number }[] {
  const weights = new Map<string, number>();
  for (const path of paths) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {})) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'evolution-todo';
      weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...weights].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
