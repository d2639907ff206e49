export { isLocal, readApp } from './app.ts';
export { postTasksExecution, preTasksExecution } from './exit-code.ts';
export { inferHandlerTargets } from './handlers/infer-handler-targets.ts';
export { type CdkPluginOptions, inferTargets } from './infer-targets.ts';
