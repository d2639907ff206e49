export { type Allowable, ALLOWABLE } from './allowed.ts';
export { publish } from './publish.ts';
export type { PublishDependencies, PublishReport, PublishRequest } from './request.ts';
