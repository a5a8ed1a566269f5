import { bundleAll } from '../bundle/bundleAll.ts';
import { REFERENCE_PATH } from './docs/reference.ts';
import type { Platform } from './platform.ts';

/** What a platform that starts in the foreground tells the person who watches. */
export interface Report {
  onProgress(step: string): void;
  /** Takes one line per happening; undefined for what is not worth one. */
  onLine(line: string | undefined): void;
}

export interface ForegroundOptions<P> {
  print(text: string): void;
  start(report: Report): Promise<P>;
  /** Where its parts are, by name. */
  addresses(platform: P): Readonly<Record<string, string>>;
}

type Runnable = Pick<Platform, 'apiUrl' | 'token' | 'close'>;

/**
 * Bundles the functions and runs a platform until Ctrl-C or SIGTERM: prints progress, addresses, a token and a first
 * request to paste, and then what happens. Rejects when it can't start.
 */
export async function runInForeground<P extends Runnable>(options: ForegroundOptions<P>): Promise<void> {
  const { print, start, addresses } = options;
  const onProgress = (step: string) => print(`… ${step}`);
  onProgress('building the functions');
  await bundleAll();
  const platform = await start({
    onProgress,
    onLine: (line) => line && print(`${new Date().toISOString().slice(11, 23)}  ${line}`),
  });
  stopOnSignal(platform, print);
  print(greeting(platform, addresses(platform), await platform.token('demo')));
}

function greeting({ apiUrl }: Runnable, addresses: Readonly<Record<string, string>>, token: string): string {
  const lines = Object.entries({ API: apiUrl, reference: apiUrl + REFERENCE_PATH, ...addresses }).map(
    ([name, address]) => `  ${name.padEnd(9)} ${address}`,
  );
  return `
Evolution Todo is running. No function is: they wake when they are called.

${lines.join('\n')}

A token for the user "demo", good for 12 hours, and a first task:

  TOKEN=${token}

  curl -s ${apiUrl}/tasks -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"title":"Buy milk"}'
  curl -s ${apiUrl}/notifications -H "authorization: Bearer $TOKEN"

Ctrl-C stops it. What happens from here on:
`;
}

function stopOnSignal(platform: Runnable, print: (text: string) => void): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(130);
    stopping = true;
    print('\n… stopping (again to stop at once)');
    await platform.close();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}
