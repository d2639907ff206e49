export { whyNoImageTool } from './image-tool.ts';
export { publish } from './publish.ts';
export type { PublishDependencies, PublishReport, PublishRequest } from './request.ts';
