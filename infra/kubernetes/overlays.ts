import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = new URL('./overlays/', import.meta.url);

/** What has its broker outside the cluster, and so no topics among its objects. */
const WITHOUT_TOPICS = ['one-machine'];
/** What the cluster that an overlay is for has set of Knative, where that matters. */
const KNATIVE_SETTINGS: Readonly<Record<string, string>> = { 'one-machine': '../cluster/manifests/own/knative.yaml' };

export interface Overlay {
  name: string;
  /** For `kubectl apply -k`. */
  path: string;
  hasTopics: boolean;
  /** A file with the ConfigMaps of Knative that its cluster has in place of Knative's own. */
  knativeSettings?: string;
}

/** Every overlay of the folder beside this file. */
export async function overlays(): Promise<Overlay[]> {
  const names = (await readdir(folder)).sort();
  return names.map((name) => ({
    name,
    path: fileURLToPath(new URL(name, folder)),
    hasTopics: !WITHOUT_TOPICS.includes(name),
    ...(KNATIVE_SETTINGS[name] && { knativeSettings: fileURLToPath(new URL(KNATIVE_SETTINGS[name], folder)) }),
  }));
}
