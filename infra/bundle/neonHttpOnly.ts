import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** What functions use of the driver: SQL over HTTP. */
const used = ['neon', 'neonConfig', 'NeonDbError'];

/** In the driver's one file, the end of what its HTTP half is made of; its WebSocket half stands behind it. */
const END_OF_HTTP_HALF = /\w+\(\s*\w+,\s*"getAuthToken"\);/;
/** A module that the driver brings along, which does nothing before it is first called. */
const MODULE = /=\s*(?=[TV]\()/g;
/** The Buffer of browsers, for where there is none; Node has its own, which the driver takes. */
const BUFFER_OF_BROWSERS = /:\s*\w+\(\)\.Buffer\b/;

/**
 * Leaves out of `@neondatabase/serverless` what functions do not use: its WebSocket pool and client with all of `pg`
 * and what they need in browsers. The package is one file that esbuild can't take apart by itself, since it can't know
 * that the modules in it do nothing until they are called.
 */
export const neonHttpOnly: Plugin = {
  name: 'neon-http-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]@neondatabase[\\/]serverless[\\/]index\.m?js$/ }, async ({ path }) => ({
      contents: httpHalf(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

function httpHalf(driver: string): string {
  const end = END_OF_HTTP_HALF.exec(driver);
  const names = used.map((name) => new RegExp(`[{,\\s]([\\w$]+) as ${name}[,}]`).exec(driver)?.[1]);
  if (!end || names.includes(undefined) || !BUFFER_OF_BROWSERS.test(driver)) {
    throw new Error('@neondatabase/serverless is not made as it was: look at infra/bundle/neonHttpOnly.ts');
  }
  const half = driver.slice(0, end.index + end[0].length);
  const exported = used.map((name, index) => `${names[index]} as ${name}`);
  return `${half.replace(BUFFER_OF_BROWSERS, ': undefined').replace(MODULE, '=/* @__PURE__ */')} export { ${exported.join(', ')} };`;
}
