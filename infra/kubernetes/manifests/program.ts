import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from '../../real/cache/cache.ts';
import { withElapsed } from '../../real/cache/elapsed.ts';
import { runCommand } from '../../real/process/command.ts';
import type { KubernetesObject } from '../rules/objects.ts';

/** What the reader of an object has against it. */
export interface Fault {
  check: 'schema' | 'definition' | 'dapr-schema' | 'knative' | 'pod-security';
  /** Kind and name. */
  object: string;
  message: string;
}

/** The Go program beside this file, which renders with Kustomize's own code and checks with its readers' own types. */
export interface ManifestsProgram {
  /** What `kubectl kustomize` makes of a folder. */
  render(folder: string): Promise<KubernetesObject[]>;
  /**
   * Decodes each object strictly, and asks Knative's validation and Kubernetes's pod security about it. A file has the
   * ConfigMaps of Knative that the cluster has in place of Knative's own.
   */
  check(objects: readonly KubernetesObject[], knativeSettings?: string): Promise<Fault[]>;
}

/** Folder of the custom resource definitions, beside the program. */
const DEFINITIONS = 'definitions';
const moduleFolder = fileURLToPath(new URL('.', import.meta.url));

/** Builds the program, once on this machine for each state of its sources. */
export async function manifestsProgram(onProgress: (step: string) => void): Promise<ManifestsProgram> {
  const files = (await readdir(moduleFolder)).filter((file) => /\.go$|^go\.(mod|sum)$/.test(file)).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(moduleFolder, file)));
  const goVersion = /^go (\S+)$/m.exec(await readFile(join(moduleFolder, 'go.mod'), 'utf8'))?.[1];
  const install = `install Go ${goVersion} or later (https://go.dev/dl), which builds what checks the manifests`;
  const folder = await cachedFolder({
    name: `manifests/${hash.digest('hex').slice(0, 12)}`,
    onWait: (seconds) => onProgress(`waiting for another process that builds the manifests' checks: ${seconds} s`),
    async fill(draft) {
      const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(draft, 'manifests'), '.'];
      const step = 'building the checks of the manifests (once; about two minutes where nothing was built before)';
      await withElapsed(onProgress, step, () => runCommand('go', args, { cwd: moduleFolder, install }));
      await copyDefinitions(join(draft, DEFINITIONS), install);
    },
  });
  const program = join(folder, 'manifests');
  return {
    render: async (path) => JSON.parse(await runCommand(program, ['render', path], { install })),
    async check(objects, knativeSettings) {
      const args = ['check', join(folder, DEFINITIONS), ...(knativeSettings ? [knativeSettings] : [])];
      return JSON.parse(await runCommand(program, args, { install, input: JSON.stringify(objects) }));
    },
  };
}

/** Keeps the definitions that Gateway API's module carries beside the program. */
async function copyDefinitions(to: string, install: string): Promise<void> {
  const args = ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/gateway-api'];
  const module = await runCommand('go', args, { cwd: moduleFolder, install });
  const from = join(module.trim(), 'config/crd/standard');
  await mkdir(to);
  for (const name of await readdir(from)) await writeFile(join(to, name), await readFile(join(from, name)));
}
