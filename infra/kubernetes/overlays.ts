import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = new URL('./overlays/', import.meta.url);

/** What has its broker outside the cluster, and so no topics among its objects. */
const WITHOUT_TOPICS = ['one-machine'];

export interface Overlay {
  name: string;
  /** For `kubectl apply -k`. */
  path: string;
  hasTopics: boolean;
}

/** Every overlay of the folder beside this file. */
export async function overlays(): Promise<Overlay[]> {
  const names = (await readdir(folder)).sort();
  return names.map((name) => ({
    name,
    path: fileURLToPath(new URL(name, folder)),
    hasTopics: !WITHOUT_TOPICS.includes(name),
  }));
}
