import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Describes a suite that needs a browser: a Chromium on the PATH. Without one it is skipped, which is said on standard
 * error; with REQUIRE_CHROMIUM=1 it is an error.
 */
export function inBrowser(name: string, suite: (launch: () => Promise<Browser>) => void): void {
  const executablePath = findExecutable();
  if (!executablePath && process.env.REQUIRE_CHROMIUM === '1') {
    throw new Error(`REQUIRE_CHROMIUM=1, but none of ${names.join(', ')} is on the PATH`);
  }
  if (!executablePath) process.stderr.write(`NOT tested in a browser: ${name}. Install Debian's package chromium.\n`);
  describe.skipIf(!executablePath)(name, () => suite(() => launch(executablePath ?? '')));
}

const switches = [
  // Root has no sandbox; what is opened without one are our own pages.
  '--no-sandbox',
  // Nor does Chromium find anybody beyond this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: switches });
}

function findExecutable(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
