import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

/** An environment variable that the sidecar's files refer to. */
export interface VariableReference {
  name: string;
  /** The sidecar starts without it. */
  optional: boolean;
}

/** The part of a Dapr component that says which variables it reads: itself, or through `secretstores.local.env`. */
const componentSchema = z.object({
  kind: z.literal('Component'),
  spec: z.object({
    ignoreErrors: z.boolean().default(false),
    metadata: z
      .array(z.object({ envRef: z.string().optional(), secretKeyRef: z.object({ name: z.string() }).optional() }))
      .nullish(),
  }),
});

/** The variables that components among YAML files refer to, by name. One that any component can't do without is not optional. */
export function daprVariables(files: Iterable<string>): VariableReference[] {
  const optional = new Map<string, boolean>();
  for (const text of files) {
    for (const document of parseAllDocuments(text)) {
      const { data: component } = componentSchema.safeParse(document.toJS());
      for (const { envRef, secretKeyRef } of component?.spec.metadata ?? []) {
        const name = envRef ?? secretKeyRef?.name;
        if (name && component) optional.set(name, component.spec.ignoreErrors && (optional.get(name) ?? true));
      }
    }
  }
  return [...optional].sort().map(([name, isOptional]) => ({ name, optional: isOptional }));
}
