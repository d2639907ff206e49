export { type LastChanges, lastChangesOf } from './last-changes.ts';
export type * from './model.ts';
export { type ArchitecturePage, architecturePage } from './page.ts';
export { readArchitecture } from './read-architecture.ts';
