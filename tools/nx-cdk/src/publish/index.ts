export { whyNoImageTool } from './image-tool.ts';
export { publish, type PublishDependencies } from './publish.ts';
export { defaultLimits, type Limits, type PublishReport, type PublishRequest, type Totals } from './request.ts';
