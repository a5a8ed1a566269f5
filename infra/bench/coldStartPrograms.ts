import { join } from 'node:path';
import type { Program } from './coldProcess.ts';
import { fastApi } from './fastApi.ts';
import { bundleRung, ladderTo, type Rung } from './ladder/ladder.ts';
import { type MeasuredFunction, measuredFunctions, type OtherProgram, type Subjects } from './subjects.ts';
import { bundleWhole } from './wholeBundle.ts';
import { orLeftOut } from './yardstick.ts';

/** What is started beside the functions. */
export interface OtherPrograms {
  /** A function with whole packages. */
  whole: Record<MeasuredFunction, OtherProgram>;
  /** Left out where it can't be had on this machine. */
  fastApi?: Pick<Program, 'node' | 'args' | 'env'> | undefined;
  ladder: Ladders;
}

/** Of each function, the programs that have one part of it more each time. */
export type Ladders = Record<MeasuredFunction, readonly (Rung & OtherProgram)[]>;

/** Makes the programs, in a folder. */
export async function makePrograms(folder: string, onProgress: (line: string) => void): Promise<OtherPrograms> {
  const wholeOf = async (name: MeasuredFunction): Promise<OtherProgram> => {
    const path = join(folder, `${name}.cjs`);
    await bundleWhole(name, path);
    // The SDK uses what Node 24 warns of.
    return { path, env: { NODE_NO_WARNINGS: '1' } };
  };
  return {
    whole: await ofEach(wholeOf),
    fastApi: await orLeftOut('FastAPI with Dapr’s SDK', onProgress, () => fastApi(onProgress)),
    ladder: await makeLadders(folder),
  };
}

/** Makes the ladders to all functions, in a folder. */
export function makeLadders(folder: string): Promise<Ladders> {
  return ofEach((name) =>
    Promise.all(
      ladderTo(name).map(async (rung, index) => {
        const path = await bundleRung(rung, join(folder, `${name}-${index}`));
        return { ...rung, path, status: 200 };
      }),
    ),
  );
}

async function ofEach<T>(make: (name: MeasuredFunction) => Promise<T>): Promise<Record<MeasuredFunction, T>> {
  return { createTask: await make('createTask'), onTaskCreated: await make('onTaskCreated') };
}

/** The names of what is measured. */
export const contender = {
  bare: 'bare',
  whole: (name: MeasuredFunction) => `${name}, whole`,
  fastApi: (name: MeasuredFunction) => `${name}, FastAPI`,
  rung: (name: MeasuredFunction, { part }: Rung) => `${name}, ${part}`,
};

/** All that is started on a Node, of what there is, each with a new request for every start. */
export function startedOn(
  { bare, function: functionOf }: Subjects,
  { whole, fastApi, ladder }: Partial<OtherPrograms> & Pick<OtherPrograms, 'ladder'>,
): { name: string; programOf: () => Promise<Program> }[] {
  const beside = (name: MeasuredFunction) => [
    { name, programOf: () => functionOf(name) },
    ...(whole ? [{ name: contender.whole(name), programOf: () => functionOf(name, whole[name]) }] : []),
    ...(fastApi
      ? [{ name: contender.fastApi(name), programOf: async () => ({ ...(await functionOf(name)), ...fastApi }) }]
      : []),
    ...ladder[name].map((rung) => ({ name: contender.rung(name, rung), programOf: () => functionOf(name, rung) })),
  ];
  return [{ name: contender.bare, programOf: bare }, ...measuredFunctions.flatMap(beside)];
}
