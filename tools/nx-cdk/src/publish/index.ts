export { whyNoImageTool } from './image-tool.ts';
export { publish, type PublishDependencies } from './publish.ts';
export {
  defaultLimits,
  type DestinationReport,
  type Limits,
  type PublishReport,
  type PublishRequest,
  type Totals,
} from './request.ts';
