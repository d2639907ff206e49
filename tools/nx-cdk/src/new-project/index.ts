export { APP_PACKAGES } from './app-packages.ts';
export { type CdkApp, cdkApp, dependOn, linkedRange, onlyApp } from './apps.ts';
export { type Names, namesOf } from './names.ts';
export { type NodeCommand, nodeCommand } from './node-command.ts';
export { addPlace, installLinks, packageNameOf, type Place, placeOf, type ProjectKind } from './place.ts';
export { writeJestConfig, writeTsConfig } from './tooling.ts';
export { isThere } from './what-is-there.ts';
export { type StackPlace, writeStack } from './write-stack.ts';
