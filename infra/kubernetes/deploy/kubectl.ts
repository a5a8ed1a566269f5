import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface KubectlOptions {
  /** The program, `kubectl` where nothing else is named. */
  program: string;
  kubeconfig?: string | undefined;
  context?: string | undefined;
}

/** What kubectl wrote, and the code that it ended with. */
export interface KubectlRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Kubectl for one cluster. */
export interface Kubectl {
  /** Resolves to what it wrote; rejects with its own words where it fails. */
  (args: readonly string[], input?: string): Promise<string>;
  /** Resolves however it ends. Rejects only where there is no kubectl. */
  run(args: readonly string[], input?: string): Promise<KubectlRun>;
}

/** A way to call kubectl for the cluster that the options name, else the kubeconfig's current one. */
export function kubectlFor({ program, kubeconfig, context }: KubectlOptions): Kubectl {
  const own = [...(kubeconfig ? [`--kubeconfig=${kubeconfig}`] : []), ...(context ? [`--context=${context}`] : [])];
  // Another program for differences would write what nobody here can read.
  const { KUBECTL_EXTERNAL_DIFF: _, ...env } = process.env;

  async function run(args: readonly string[], input = ''): Promise<KubectlRun> {
    const child = spawn(program, [...own, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const missing = `${program} is missing: install kubectl, or name it by KUBECTL`;
        reject(error.code === 'ENOENT' ? new Error(missing) : error);
      });
      child.once('close', (code) => resolve(code ?? 1));
    });
    // One that ends without reading it tells why by its exit code.
    child.stdin.on('error', () => {}).end(input);
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  return kubectlOf(run);
}

/** What calls kubectl, by what runs it. */
export function kubectlOf(run: Kubectl['run']): Kubectl {
  const call = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await run(args, input);
    if (code === 0) return stdout;
    throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || `exit code ${code}`}`);
  };
  return Object.assign(call, { run });
}
