import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from '../cache/cache.ts';
import { withElapsed } from '../cache/elapsed.ts';
import { runCommand } from '../process/command.ts';

const pom = fileURLToPath(new URL('./pom.xml', import.meta.url));
/** What Kafka 4 needs (KIP-750). */
const OLDEST_JAVA = 17;

export const INSTALL_JAVA = `install Java ${OLDEST_JAVA} or later, which runs Kafka (Debian: default-jre-headless)`;
const INSTALL_MAVEN = 'install Maven, which gets the parts of Kafka (Debian: maven)';

/** Gets the jars of the Kafka that pom.xml names, once on this machine, and resolves to their class path. */
export async function kafkaClassPath(onProgress: (step: string) => void): Promise<string> {
  await requireJava();
  const text = await readFile(pom, 'utf8');
  const version = kafkaVersion(text);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const folder = await cachedFolder({
    name: `kafka/${version}-${hash}`,
    onWait: (seconds) => onProgress(`waiting for another process that gets Kafka: ${seconds} s`),
    fill: (draft) => withElapsed(onProgress, `getting Kafka ${version} (once; 43 MB)`, () => copyJars(draft)),
  });
  return `${folder}/*`;
}

async function copyJars(folder: string): Promise<void> {
  const goals = ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  await runCommand('mvn', goals, { install: INSTALL_MAVEN });
}

async function requireJava(): Promise<void> {
  const text = await runCommand('java', ['--version'], { install: INSTALL_JAVA });
  const version = Number(/^\S+ (\d+)/.exec(text)?.[1]);
  if (!(version >= OLDEST_JAVA)) throw new Error(`this Java is too old (${text.split('\n')[0]}): ${INSTALL_JAVA}`);
}

function kafkaVersion(text: string): string {
  const version = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)</.exec(text)?.[1];
  if (!version) throw new Error(`${pom} names no version of Kafka`);
  return version;
}
