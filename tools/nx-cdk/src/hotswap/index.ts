export { type CodeArchive, CodeArchives } from './archive.ts';
export { type FunctionFacts, Functions, LARGEST_ARCHIVE, type NewCode } from './functions.ts';
export { type Difference, differenceOf, functionsOf, type SwappableFunction } from './template.ts';
