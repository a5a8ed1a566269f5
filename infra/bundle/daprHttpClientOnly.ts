import type { Plugin } from 'esbuild';

/**
 * What a function uses of `@dapr/dapr`, as its entry point exports it. The package's own entry point also brings its
 * server, gRPC, actors and workflows: 2.6 MB, which cost 180 ms and 50 MB of every cold start.
 */
const entryPoint = `
  export { default as DaprClient } from '@dapr/dapr/implementation/Client/DaprClient.js';
  export { default as CommunicationProtocolEnum } from '@dapr/dapr/enum/CommunicationProtocol.enum.js';`;

/** Node has its own fetch; the SDK's HTTP client needs no more of node-fetch than that. */
const fetchOfNode = 'export default (url, options) => fetch(url, options);';

/** That fetch keeps its connections itself; Node's modules that encrypt need not be loaded for agents that nothing uses. */
const agentOfNobody = 'export class Agent { destroy() {} }; export default { Agent };';

/** A part of the SDK that the HTTP client names but never uses to publish; using it fails at once and says so. */
const leftOut = `
  export default class LeftOut {
    constructor() { throw new Error('this part of @dapr/dapr is not in the bundle (see infra/bundle/daprHttpClientOnly.ts)'); }
  }`;

const modules: Record<string, string> = { entryPoint, fetchOfNode, agentOfNobody, leftOut };
const namespace = 'dapr-http-client-only';
const sdk = /[\\/]@dapr[\\/]dapr[\\/]/;

/** Resolves the parts of the Dapr SDK away that a client over HTTP does not need, so that its public import stays. */
export const daprHttpClientOnly: Plugin = {
  name: namespace,
  setup(build) {
    const replace = (module: string) => ({ path: module, namespace });

    build.onResolve({ filter: /^@dapr\/dapr$/ }, () => replace('entryPoint'));
    build.onResolve(
      { filter: /^(\.\.\/\.\.\/\.\.|node-fetch|https?)$|GRPCClient|\/actors\// },
      ({ path, importer }) => {
        if (!sdk.test(importer)) return undefined;
        if (path === 'node-fetch') return replace('fetchOfNode');
        if (path === 'http' || path === 'https') return replace('agentOfNobody');
        return replace(path === '../../..' ? 'entryPoint' : 'leftOut');
      },
    );
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: modules[path] ?? '',
      loader: 'js',
      resolveDir: import.meta.dirname,
    }));
  },
};
