export { type BootstrapDependencies, bootstrap } from './bootstrap.ts';
export type * from './request.ts';
export { DEFAULT_QUALIFIER } from './toolkit-stack.ts';
