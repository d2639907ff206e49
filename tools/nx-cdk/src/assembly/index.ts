export { canonicalize } from './canonicalize.ts';
export { FolderDigest, fileContentDigest, imageContentDigest } from './content-digest.ts';
export { canonicalMode, type FolderFile, listFolder } from './folder.ts';
export type * from './model.ts';
export { readAssembly, templatePlace } from './read-assembly.ts';
export { list, parsePatterns, type SelectOptions, selectStacks } from './select-stacks.ts';
