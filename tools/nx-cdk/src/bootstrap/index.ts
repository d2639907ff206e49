export { withImageDigests } from './image-digests.ts';
export { targetsOfAssembly, targetsOfEnvironments } from './targets.ts';
export { bootstrap } from './bootstrap.ts';
export type * from './request.ts';
