export { targetsOfAssembly } from './targets-of-assembly.ts';
export { targetsOfEnvironments } from './targets-of-environments.ts';
export { withImageDigests } from './image-digests.ts';
export { type BootstrapDependencies, bootstrap } from './bootstrap.ts';
export type * from './request.ts';
export { DEFAULT_QUALIFIER } from './toolkit-stack.ts';
