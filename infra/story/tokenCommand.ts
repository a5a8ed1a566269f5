import { runCommand } from '../real/process/command.ts';

/**
 * Gets tokens by a command of somebody's identity provider, run by the shell with `SMOKE_USER`, the subject that the token
 * is to have, and `SMOKE_SCOPE`, which is empty or `admin`. It prints the token alone. Rejects where it fails or prints
 * anything else, with the command's own words but never with the token.
 */
export function tokensByCommand(command: string): (userId: string, scope?: string) => Promise<string> {
  return async (userId, scope = '') => {
    const env = { ...process.env, SMOKE_USER: userId, SMOKE_SCOPE: scope };
    const printed = await runCommand('sh', ['-c', command], { cwd: process.cwd(), env, install: 'install a shell' });
    const token = printed.trim();
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
    throw new Error(
      `the token command printed ${token === '' ? 'nothing' : 'something else than a JWT'} for ${userId}`,
    );
  };
}
