import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { overlays } from '../overlays.ts';

/** The folder of an overlay, given by its name or by its path. Rejects, with those that there are, for anything else. */
export async function overlayFolder(given: string): Promise<string> {
  const own = await overlays();
  const folder = own.find(({ name }) => name === given)?.path ?? resolve(given);
  const hasOne = await stat(join(folder, 'kustomization.yaml')).catch(() => undefined);
  if (hasOne) return folder;
  throw new Error(`there is no overlay ${given}: name a folder, or one of ${own.map(({ name }) => name).join(', ')}`);
}
