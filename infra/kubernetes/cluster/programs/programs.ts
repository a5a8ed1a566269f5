import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { gatewayManifests, knativeManifests } from '../manifests/modules.ts';
import { type BuiltModule, buildGoModule, type GoModule } from './goModule.ts';

/** Everything of a cluster that is not of the system's packages, built from Go modules. */
export interface Programs {
  readonly kubernetes: BuiltModule;
  readonly etcd: BuiltModule;
  readonly cni: BuiltModule;
  /** With the manifests in `manifests`. */
  readonly knative: BuiltModule;
  /** With the definitions of the Gateway API in `manifests`. */
  readonly traefik: BuiltModule;
  readonly coredns: BuiltModule;
  readonly pause: BuiltModule;
}

const modules: Readonly<Record<keyof Programs, GoModule>> = {
  pause: { name: 'pause', title: 'the pause container', minutes: 1 },
  cni: { name: 'cni', title: 'the CNI plugins', source: 'github.com/containernetworking/plugins', minutes: 1 },
  etcd: {
    name: 'etcd',
    title: 'etcd',
    source: 'go.etcd.io/etcd/server/v3',
    minutes: 1,
    // Go names a program by the last folder of its path.
    complete: (draft) => rename(join(draft, 'server'), join(draft, 'etcd')),
  },
  knative: {
    name: 'knative',
    title: 'Knative Serving',
    source: 'knative.dev/serving',
    minutes: 2,
    complete: (draft, folderOf) => copyAll(draft, folderOf, knativeManifests),
  },
  coredns: { name: 'coredns', title: 'CoreDNS', source: 'github.com/coredns/coredns', minutes: 2 },
  kubernetes: {
    name: 'kubernetes',
    title: 'Kubernetes',
    source: 'k8s.io/kubernetes',
    minutes: 4,
    linkerFlags: (version) =>
      [
        `k8s.io/component-base/version.gitVersion=v${version}`,
        `k8s.io/component-base/version.gitMajor=${version.split('.')[0]}`,
        `k8s.io/component-base/version.gitMinor=${version.split('.')[1]}`,
        `k8s.io/client-go/pkg/version.gitVersion=v${version}`,
      ].flatMap((assignment) => ['-X', assignment]),
  },
  traefik: {
    name: 'traefik',
    title: 'Traefik',
    source: 'github.com/traefik/traefik/v3',
    minutes: 4,
    complete: (draft, folderOf) => copyAll(draft, folderOf, gatewayManifests),
  },
};

/** Builds what was not built on this machine yet, one after another: each build takes all cores. */
export async function buildPrograms(onProgress: (step: string) => void): Promise<Programs> {
  const built: Partial<Record<keyof Programs, BuiltModule>> = {};
  for (const [name, module] of Object.entries(modules)) {
    built[name as keyof Programs] = await buildGoModule(module, onProgress);
  }
  return built as Programs;
}

/** Copies files of Go modules into `manifests`, in the order in which they are to be applied. */
async function copyAll(
  draft: string,
  folderOf: (module: string) => Promise<string>,
  files: readonly { module: string; path: string }[],
): Promise<void> {
  await mkdir(join(draft, 'manifests'));
  for (const [index, { module, path }] of files.entries()) {
    const name = `${String(index).padStart(2, '0')}-${path.split('/').at(-1)}`;
    await cp(join(await folderOf(module), path), join(draft, 'manifests', name), { recursive: true });
  }
}
