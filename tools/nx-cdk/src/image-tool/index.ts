export { findImageTool, whyNoImageTool } from './image-tool.ts';
