export type { Assembly, AssemblyStack, ResourceOrigin, Target, ImageBuild, FileSource, ImageAsset, CacheOption, FileAsset, ImageSource } from './model.ts';
export { templatePlace } from './template-place.ts';
export { list } from './select-stacks.ts';
export { FolderDigest, fileContentDigest, imageContentDigest } from './content-digest.ts';
export { canonicalMode, listFolder, type FolderFile } from './folder.ts';
export { canonicalize } from './canonicalize.ts';
export type * from './model.ts';
export { readAssembly } from './read-assembly.ts';
export { type SelectOptions, parsePatterns, selectStacks } from './select-stacks.ts';
