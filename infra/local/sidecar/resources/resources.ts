import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import {
  type ComponentResource,
  componentSchema,
  type ResiliencyResource,
  resiliencySchema,
  type SubscriptionResource,
  subscriptionSchema,
  type Variables,
} from './schemas.ts';

/** The resources of a folder that concern one app. */
export interface Resources {
  components: ComponentResource[];
  subscriptions: SubscriptionResource[];
  resiliencies: ResiliencyResource[];
  /** What was found and is not used, and why. */
  warnings: string[];
}

/** Mistakes in resource files: one line for each, with its file. */
export class ResourceError extends Error {
  override name = 'ResourceError';
}

/**
 * Reads the `.yaml` and `.yml` files of a folder, not of its subfolders, as daprd does.
 * A resource whose `scopes` do not name the app is passed over; `variables` are those that `envRef` refers to.
 * @throws ResourceError with every mistake of every file
 */
export async function loadResources(folder: string, appId: string, variables: Variables = {}): Promise<Resources> {
  const resources: Resources = { components: [], subscriptions: [], resiliencies: [], warnings: [] };
  const mistakes: string[] = [];
  for (const file of await yamlFiles(folder)) {
    const path = join(folder, file);
    const documents = parseAllDocuments(await readFile(path, 'utf8'));
    for (const { errors } of documents) mistakes.push(...errors.map(({ message }) => `${path}: ${message}`));
    const values = documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
    for (const value of values) {
      const result = addResource(resources, value, { path, alone: values.length === 1, appId, variables });
      mistakes.push(...(result ?? []).map((mistake) => `${path}: ${mistake}`));
    }
  }
  mistakes.push(...sameNames(resources.components));
  if (mistakes.length > 0) throw new ResourceError(`The Dapr resources can't be used:\n${mistakes.join('\n')}`);
  return resources;
}

async function yamlFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ResourceError(`The folder of Dapr resources, ${folder}, can't be read`, { cause });
  });
  return entries
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/i.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

interface Origin {
  path: string;
  alone: boolean;
  appId: string;
  variables: Variables;
}

function addResource(
  resources: Resources,
  value: unknown,
  { path, alone, appId, variables }: Origin,
): string[] | undefined {
  const kind = z.object({ kind: z.string() }).safeParse(value);
  if (!kind.success) return ['a document has no kind'];
  const inScope = ({ scopes }: { scopes?: string[] | undefined }) => !scopes?.length || scopes.includes(appId);
  const add = <T extends { scopes?: string[] | undefined }>(schema: z.ZodType<T>, to: T[]) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) return describe(kind.data.kind, parsed.error);
    if (inScope(parsed.data)) to.push(parsed.data);
    return undefined;
  };
  switch (kind.data.kind) {
    case 'Component':
      return add(componentSchema(variables), resources.components);
    case 'Subscription':
      return add(subscriptionSchema, resources.subscriptions);
    case 'Resiliency':
      if (alone) return add(resiliencySchema, resources.resiliencies);
      // daprd does the same without a word, and then the first failure of an event is its last.
      resources.warnings.push(`${path}: a Resiliency that is not alone in its file is ignored; give it its own file`);
      return undefined;
    case 'Configuration':
      return undefined;
    default:
      resources.warnings.push(`${path}: resources of kind ${kind.data.kind} are not used here`);
      return undefined;
  }
}

function describe(kind: string, { issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => `${kind}: ${path.join('.')}: ${message}`);
}

function sameNames(components: readonly ComponentResource[]): string[] {
  const names = components.map(({ metadata }) => metadata.name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => `the component name ${name} is used more than once`);
}
