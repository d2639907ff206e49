export { type Allowable, ALLOWABLE, allowableOf, requireAllowed } from './allowed.ts';
export { publish } from './publish.ts';
export type { PublishDependencies, PublishReport, PublishRequest } from './request.ts';
