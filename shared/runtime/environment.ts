import * as z from 'zod/mini';
import '../domain/english.ts';
import { type FunctionDefinition, isHttp } from './defineFunction.ts';
import { jobsSetBy } from './wakeUp.ts';

const url = (protocol: RegExp) => z.url({ protocol, error: 'must be a URL' });
/** What belongs into a Secret; the rest may stand in a ConfigMap. */
const secret = <S extends z.ZodMiniType>(schema: S): S => schema.check(z.meta({ secret: true }));
const token = secret(z.string().check(z.minLength(1, 'must not be empty')));

const base = {
  /** Address to listen on; left out, every one, as a container wants it. */
  HOST: z.optional(z.string().check(z.minLength(1))),
  PORT: z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), 8080),
  DATABASE_URL: secret(url(/^postgres(ql)?$/)),
  /** Where the Neon driver sends its requests, when it is not to Neon itself. */
  DATABASE_FETCH_ENDPOINT: z.optional(url(/^https?$/)),
};

const authentication = () => ({
  JWKS_URL: url(/^https?$/),
  JWT_ISSUER: z.string().check(z.minLength(1)),
  JWT_AUDIENCE: z.string().check(z.minLength(1)),
});

const calledByDapr = () => ({ APP_API_TOKEN: token });

const callsDapr = () => ({ DAPR_HTTP_ENDPOINT: url(/^https?$/), DAPR_API_TOKEN: token });

const setsJobs = () => ({
  ...callsDapr(),
  /** What wakes functions when something comes due: jobs, or, where there is no scheduler, crons alone. */
  WAKE_UPS: z._default(z.enum(['jobs', 'cron']), 'jobs'),
});

/** Every variable that a definition can bring beside its own. */
export type Environment = z.output<z.core.$ZodObject<typeof base>> &
  Partial<
    z.output<
      z.core.$ZodObject<
        ReturnType<typeof authentication> & ReturnType<typeof calledByDapr> & ReturnType<typeof setsJobs>
      >
    >
  >;

/** The environment variables of a function: what its trigger, `emits`, `sendsEmail` and `setsJobs` bring, and its own. */
export function environmentSchema(definition: FunctionDefinition): z.ZodMiniObject {
  return z.object({
    ...base,
    ...callers(definition),
    ...(definition.sendsEmail ? callsDapr() : {}),
    ...(jobsSetBy(definition).length > 0 ? setsJobs() : {}),
    ...definition.env,
  });
}

/** What tells a function who calls it. */
function callers(definition: FunctionDefinition): z.core.$ZodShape {
  if (!isHttp(definition)) return calledByDapr();
  return definition.public ? {} : authentication();
}

/** Reads a function's environment, or throws an error that names every variable that is missing or wrong. */
export function readEnvironment(
  definition: FunctionDefinition,
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const result = environmentSchema(definition).safeParse(variables);
  if (result.success) return result.data as unknown as Environment;
  const faults = result.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return variables[name] === undefined ? `${name} is not set` : `${name}: ${message}`;
  });
  throw new Error(`${definition.name} cannot start: ${faults.join('; ')}`);
}
