import { copyFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { overlays } from './overlays.ts';

/** Copies an overlay to a new folder, with another kustomization.yaml, as an engineer's own overlay begins. */
export async function copyOverlay(name: string, folder: string, edit: (text: string) => string): Promise<void> {
  const original = (await overlays()).find((overlay) => overlay.name === name)?.path;
  if (!original) throw new Error(`there is no overlay ${name}`);
  await mkdir(folder, { recursive: true });
  for (const file of ['evolution-todo.env', 'platform.env']) await copyFile(join(original, file), join(folder, file));
  const text = await readFile(join(original, 'kustomization.yaml'), 'utf8');
  const edited = edit(text);
  if (edited === text) throw new Error(`the overlay ${name} is as it was`);
  const kubernetes = relative(await realpath(folder), join(await realpath(original), '../..'));
  await writeFile(join(folder, 'kustomization.yaml'), edited.replaceAll('../../', `${kubernetes}/`));
}
