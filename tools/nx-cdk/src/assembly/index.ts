export { bootstrapAdvice } from './bootstrap-advice.ts';
export { canonicalize } from './canonicalize.ts';
export { FolderDigest, fileContentDigest, imageContentDigest, sha256Of } from './content-digest.ts';
export { AssemblyFolder, readData } from './data-file.ts';
export { canonicalMode, type FolderFile, listFolder, TOOLKIT_LOCK } from './folder.ts';
export type * from './model.ts';
export { readAssembly, templatePlace } from './read-assembly.ts';
export { makeReportReadable } from './validation-report.ts';
export { list, parsePatterns, selectStacks } from './select-stacks.ts';
