export { canonicalize } from './canonicalize.ts';
export type * from './model.ts';
export { readAssembly } from './read-assembly.ts';
export { type SelectOptions, parsePatterns, selectStacks } from './select-stacks.ts';
