import { licenseList, licenseText } from '../../bundle/licenses.ts';
import { type CommandOptions, runCommand } from '../process/command.ts';

/** A module's path, version and folder; nothing for a package of Go's own. */
const TEMPLATE = '{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}';

/**
 * The licences of every module whose code a Go package has, and of Go itself, as a list for people. Rejects where one has
 * no text of its licence.
 */
export async function moduleLicenses(toBuild: string, options: CommandOptions): Promise<string> {
  const listed = await runCommand('go', ['list', '-deps', '-f', TEMPLATE, toBuild], options);
  const [root = '', version = ''] = (await runCommand('go', ['env', 'GOROOT', 'GOVERSION'], options))
    .trim()
    .split('\n');
  const modules = [...new Set(listed.split('\n'))].map((line) => line.split('\t'));
  // The module that is built has no version: it is the project's own.
  const others = modules.filter(([, version]) => version);
  const licenses = [['go', version.replace('go', ''), root], ...others].map(
    async ([name = '', version = '', folder = '']) => {
      const text = await licenseText(folder);
      if (!text)
        throw new Error(`${name} ${version} goes into ${toBuild}, and there is no text of its licence in ${folder}`);
      return { name, version, text };
    },
  );
  return licenseList((await Promise.all(licenses)).sort((one, other) => (one.name < other.name ? -1 : 1)));
}
