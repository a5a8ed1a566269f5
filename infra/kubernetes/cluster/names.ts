/** The interface of this machine that leads to the node. */
export const INTERFACE = 'evolution-todo';
/** Below each cgroup hierarchy, what the pods run in. */
export const CGROUP = 'evolution-todo';
export const NODE_NAME = 'evolution-todo';

/** This machine as the node and its pods see it: what listens here is reachable from them. */
export const MACHINE_ADDRESS = '10.200.0.1';
/** The node as this machine sees it. */
export const NODE_ADDRESS = '10.200.0.2';
/** What the names of public Services end with, which lead to the node where the machine resolves public names. */
export const PUBLIC_DOMAIN = `${NODE_ADDRESS}.sslip.io`;
/** The network of both. */
export const NODE_NETWORK = '10.200.0.0/24';
export const POD_NETWORK = '10.244.0.0/24';
export const SERVICE_NETWORK = '10.96.0.0/16';
/** The first of the Services' network: the API server, from within a pod. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
export const API_PORT = 6443;

/** Where a running cluster is found, on a file system that a restart of the machine empties. */
export const RUN_FOLDER = '/run/evolution-todo-cluster';
