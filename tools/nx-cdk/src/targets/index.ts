export { type AppFacts, readApp } from './app.ts';
export { type HandlerFacts, listedHandlers, readHandler } from './handlers/handler.ts';
export { inferHandlerTargets } from './handlers/infer-handler-targets.ts';
export { postTasksExecution, preTasksExecution } from './hooks.ts';
export { type CdkPluginOptions, inferTargets } from './infer-targets.ts';
export { nameApart, type NodesContext } from './project.ts';
export { isSource } from './sources.ts';
