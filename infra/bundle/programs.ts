/** A program beside the functions that runs in a container of its own. */
export interface Program {
  /** Names its bundle and its image. */
  readonly name: string;
  /** The module that it begins with, from the project's root. */
  readonly module: string;
}

/** The programs that the manifests of Kubernetes name images of. */
export const programs: readonly Program[] = [
  { name: 'router', module: 'infra/kubernetes/router/main.ts' },
  { name: 'bridge', module: 'infra/kubernetes/bridge/main.ts' },
];
