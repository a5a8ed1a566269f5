import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import * as z from 'zod';

type Schedules = Readonly<Record<string, string>>;

const cronBindingSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    type: z.literal('bindings.cron'),
    metadata: z.array(z.looseObject({ name: z.string() })),
  }),
});
type CronBinding = z.output<typeof cronBindingSchema>;

/**
 * Copies a folder of Dapr's resources with other schedules, by the cron binding's name: daprd has no setting for it.
 * Rejects when a name is not that of a cron binding.
 */
export async function copyResources(from: string, to: string, schedules: Schedules): Promise<void> {
  await mkdir(to, { recursive: true });
  const bindings: string[] = [];
  // daprd itself reads no folder below this one.
  for (const file of (await readdir(from)).filter((name) => /\.ya?ml$/.test(name))) {
    const resources = parseAllDocuments(await readFile(join(from, file), 'utf8')).map((document) => {
      const resource: unknown = document.toJS();
      const { data: binding } = cronBindingSchema.safeParse(resource);
      if (!binding) return resource;
      bindings.push(binding.metadata.name);
      return withSchedule(binding, schedules[binding.metadata.name]);
    });
    await writeFile(join(to, file), resources.map((resource) => stringify(resource)).join('---\n'));
  }
  const unknown = Object.keys(schedules).filter((name) => !bindings.includes(name));
  if (unknown.length > 0) throw new Error(`${from} has no cron binding named ${unknown.join(', ')}`);
}

function withSchedule(binding: CronBinding, schedule: string | undefined): CronBinding {
  if (schedule === undefined) return binding;
  const metadata = binding.spec.metadata.map((item) =>
    item.name === 'schedule' ? { ...item, value: schedule } : item,
  );
  return { ...binding, spec: { ...binding.spec, metadata } };
}
