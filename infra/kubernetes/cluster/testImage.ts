import { NODE, nodeEntries } from '../images/node.ts';
import { importImage } from './importImage.ts';

/** Makes an image of Node and one script, and brings it to the node; for tests. */
export async function importScript(socket: string, name: string, script: string): Promise<void> {
  const node = await nodeEntries((step) => process.stderr.write(`… ${step}\n`));
  const app = [{ path: '/app/main.mjs', kind: 'text', mode: 0o644, text: script }] as const;
  await importImage(socket, { name, layers: [node, app], entrypoint: [NODE, '/app/main.mjs'] });
}
