export { withImageDigests } from './image-digests.ts';
export { targetsOfAssembly, targetsOfEnvironments } from './targets.ts';
export { type BootstrapDependencies, bootstrap } from './bootstrap.ts';
export type * from './request.ts';
