export { type AppFacts, readApp } from './app.ts';
export { keyboardForTasks } from './asking.ts';
export { checkConfiguration } from './configuration.ts';
export { failAsFailure } from './exit-code.ts';
export { type HandlerFacts, listedHandlers, readHandler } from './handlers/handler.ts';
export { inferHandlerTargets } from './handlers/infer-handler-targets.ts';
export { type CdkPluginOptions, inferTargets } from './infer-targets.ts';
export { nameApart, type NodesContext } from './project.ts';
export { isSource } from './sources.ts';
