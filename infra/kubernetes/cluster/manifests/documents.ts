import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Manifests in the two portions in which a cluster takes them: the second is made of kinds that the first defines. */
export interface Portions {
  readonly definitions: string;
  readonly objects: string;
}

/** All manifests of some folders and those below them, in the order of their paths. */
export async function readManifests(folders: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const folder of folders) {
    const found = await readdir(folder, { recursive: true });
    for (const path of found.filter((name) => name.endsWith('.yaml')).sort()) {
      texts.push(await readFile(join(folder, path), 'utf8'));
    }
  }
  return texts;
}

/**
 * Splits manifests into definitions and what they define. Images that stand for a program of a Go module
 * (`ko://…/activator`) or for one without a version (`dev.local/coredns`) become what `imageOf` makes of their names.
 */
export function inPortions(texts: readonly string[], imageOf: (name: string) => string): Portions {
  const documents = texts
    .flatMap((text) => text.split(/^---.*$/m).map((part) => part.trim()))
    .filter((text) => /^kind:/m.test(text));
  const named = documents.map((text) =>
    text.replace(/\b(?:ko:\/\/\S+\/|dev\.local\/)([a-z-]+)$/gm, (_, name: string) => imageOf(name)),
  );
  const defines = (text: string) => /^kind: CustomResourceDefinition$/m.test(text);
  return {
    definitions: named.filter(defines).join('\n---\n'),
    objects: named.filter((text) => !defines(text)).join('\n---\n'),
  };
}
