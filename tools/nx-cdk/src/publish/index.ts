export { publish } from './publish.ts';
export type { PublishDependencies, PublishReport, PublishRequest } from './request.ts';
