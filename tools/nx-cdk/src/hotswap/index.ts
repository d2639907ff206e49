export { type CodeArchive, CodeArchives } from './archive.ts';
export { functionsOf, type SwappableFunction } from './code-assets.ts';
export { identityOfDefinition, machineIdsOf, machinesOf, type SwappableMachine } from './definitions.ts';
export { type FunctionFacts, Functions, LARGEST_ARCHIVE, type NewCode } from './functions.ts';
export { StateMachines } from './machines.ts';
export { parseTemplate } from './resources.ts';
export { type Difference, differenceOf } from './template.ts';
