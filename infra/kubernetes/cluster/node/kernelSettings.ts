import { readFile, writeFile } from 'node:fs/promises';

/** What the kubelet sets for the whole machine (its `protectKernelDefaults`), as files below /proc/sys. */
const NAMES = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** The machine's settings by name. */
export type KernelSettings = Readonly<Record<string, string>>;

/** Reads the settings, to put them back when the kubelet is gone. */
export async function readKernelSettings(): Promise<KernelSettings> {
  const values = await Promise.all(NAMES.map((name) => readFile(`/proc/sys/${name}`, 'utf8').catch(() => undefined)));
  return Object.fromEntries(
    NAMES.flatMap((name, index) => (values[index] === undefined ? [] : [[name, values[index].trim()]])),
  );
}

/** Puts settings back, those that differ. */
export async function restoreKernelSettings(settings: KernelSettings): Promise<void> {
  const now = await readKernelSettings();
  for (const [name, value] of Object.entries(settings)) {
    if (now[name] !== value) await writeFile(`/proc/sys/${name}`, value);
  }
}
