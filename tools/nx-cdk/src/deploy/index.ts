export { deploy, type DeployDependencies } from './deploy.ts';
export { buildGraph, type GraphNode } from './graph.ts';
export { describeFailure } from './report.ts';
export type * from './request.ts';
export { schedule } from './scheduler.ts';
export { wayOn } from './stack-machine.ts';
